from helper import fill
fill()
