const net = require("net");
const server = net.createServer((socket) => { socket.write("hello\n"); socket.pipe(socket); });
server.listen(8080);
