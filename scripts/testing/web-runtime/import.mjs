// Imports the entry named on the command line, and prints how much it exports.
const exported = await import(process.argv[2]);
console.log(Object.keys(exported).length);
