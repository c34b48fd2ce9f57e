package virtual

import (
	"bytes"
	"io"
	"net"
)

// A citizen's words must not outlive the visit anywhere in the process, and the 4 KiB buffers of net/http live as long as their
// connection. Two measures keep words out of them, so that nothing has to be hunted down when the visit ends.

// connBuffer is more than net/http's two write buffers (2 KiB for a response, 4 KiB for its connection, which a WebSocket takes over)
// hold together, in bytes.
const connBuffer = 8 << 10

// hush puts JSON between white space. A bufio.Writer that already holds a header first fills up with the white space in front; what
// remains is longer than the buffer and goes past it to the connection. So the words are never copied. Carriage returns are white space
// to JSON (RFC 8259 §2) and invisible on a terminal.
func hush(b []byte) []byte {
	out := make([]byte, 0, connBuffer+len(b)+connBuffer)
	out = append(out, bytes.Repeat([]byte{'\r'}, connBuffer)...)
	out = append(out, b...)
	return append(out, bytes.Repeat([]byte{'\r'}, connBuffer)...)
}

// overwrite fills the write buffers of an event stream with a comment, in pieces that are small enough to be copied into them.
func overwrite(w io.Writer) error {
	blank := bytes.Repeat([]byte{' '}, 1<<10)
	if _, err := w.Write([]byte(":")); err != nil {
		return err
	}
	for range 2 * connBuffer / len(blank) {
		if _, err := w.Write(blank); err != nil {
			return err
		}
	}
	_, err := w.Write([]byte("\n\n"))
	return err
}

// Forgetful wraps a listener so that the buffer a connection reads into is cleared before each read. A server that has answered a
// request waits for the next one with just such a read, which erases the words of the last.
func Forgetful(l net.Listener) net.Listener { return forgetfulListener{l} }

type forgetfulListener struct{ net.Listener }

func (l forgetfulListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return forgetfulConn{c}, nil
}

type forgetfulConn struct{ net.Conn }

// Read may use all of p as scratch space (io.Reader).
func (c forgetfulConn) Read(p []byte) (int, error) {
	clear(p)
	return c.Conn.Read(p)
}
