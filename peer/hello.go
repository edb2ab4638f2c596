package peer

import (
	"encoding/binary"
	"fmt"
	"net"
)

// version of the frames. The hello has its place and its first 10 bytes in every version.
const version = 1

const (
	helloMagic = "HUSTPEER"
	helloSize  = 16
)

// purpose is what a link is for.
type purpose uint8

const (
	forMessages purpose = 1
	forCalls    purpose = 2
	forUrgent   purpose = 3
)

// protocol is what ALPN calls a link for a purpose.
func (p purpose) protocol() string {
	if p == forUrgent {
		return urgentProtocol
	}
	return linkProtocol
}

func (p purpose) String() string {
	switch p {
	case forMessages:
		return "messages"
	case forCalls:
		return "calls"
	case forUrgent:
		return "urgent calls"
	}
	return fmt.Sprintf("purpose %d", uint8(p))
}

// hello is the first frame of a link in each direction.
//
//	0          8         10        11     12     14   16
//	┌──────────┬─────────┬─────────┬──────┬──────┬────┐
//	│ HUSTPEER │ version │ purpose │ zero │ from │ to │
//	└──────────┴─────────┴─────────┴──────┴──────┴────┘
type hello struct {
	version  uint16
	purpose  purpose
	from, to Node
}

func (h hello) write(c net.Conn) error {
	var head [headerSize]byte
	header{kind: kindHello}.encode(&head, helloSize)
	b := append(head[:], helloMagic...)
	b = binary.LittleEndian.AppendUint16(b, h.version)
	b = append(b, byte(h.purpose), 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.from))
	b = binary.LittleEndian.AppendUint16(b, uint16(h.to))
	_, err := c.Write(b)
	return err
}

// readHello reads the other side's hello. It is an error if it is not what this version can talk to.
func readHello(f *frameReader) (h hello, err error) {
	head, b, err := f.next()
	if err != nil {
		return h, err
	}
	if head.kind != kindHello || len(b) < 10 || string(b[:8]) != helloMagic {
		return h, fmt.Errorf("no hello, but a frame of kind %d with %d bytes", head.kind, len(b))
	}
	h.version = binary.LittleEndian.Uint16(b[8:])
	if h.version != version {
		return h, fmt.Errorf("it speaks version %d of the links, and this node version %d", h.version, version)
	}
	if len(b) != helloSize || b[11] != 0 {
		return h, fmt.Errorf("its hello is not one of version %d: %x", version, b)
	}
	h.purpose = purpose(b[10])
	h.from, h.to = Node(binary.LittleEndian.Uint16(b[12:])), Node(binary.LittleEndian.Uint16(b[14:]))
	return h, nil
}

// check compares a hello with what is known already: who is on the other side, and who this is.
func (h hello) check(from, to Node) error {
	switch {
	case h.from != from:
		return fmt.Errorf("its hello is of node %v, and its certificate of node %v", h.from, from)
	case h.to != to:
		return fmt.Errorf("its hello is for node %v, and this is node %v", h.to, to)
	case h.purpose < forMessages || h.purpose > forUrgent:
		return fmt.Errorf("its link is for %v, which this node does not know", h.purpose)
	}
	return nil
}
