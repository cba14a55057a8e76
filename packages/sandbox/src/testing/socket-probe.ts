/** Python that tells whether something takes a byte at an address; `socket` must be imported. */
export const WORKS = `def works(family, kind, target):
    try:
        s = socket.socket(family, kind)
        s.settimeout(1)
        s.connect(target)
        s.send(b"x")
        return True
    except OSError:
        return False`;
