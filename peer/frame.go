package peer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxPayload is the greatest length of a message, a request and an answer in bytes.
const MaxPayload = 16 << 20

const headerSize = 20

// Kinds of frames. The numbers are never used again for something else.
const (
	kindHello uint8 = iota + 1
	kindMessage
	kindCall
	kindAnswer
	kindError
	kindCancel
	kindEnd // no kind
)

// header is what stands before each payload, see the package comment.
type header struct {
	kind, code uint8
	shard      uint32
	id         uint64
}

func (h header) encode(b *[headerSize]byte, length int) {
	binary.LittleEndian.PutUint32(b[0:], uint32(length))
	b[4], b[5], b[6], b[7] = h.kind, h.code, 0, 0
	binary.LittleEndian.PutUint32(b[8:], h.shard)
	binary.LittleEndian.PutUint64(b[12:], h.id)
}

func decodeHeader(b []byte) (h header, length int, err error) {
	n := binary.LittleEndian.Uint32(b)
	h = header{kind: b[4], code: b[5], shard: binary.LittleEndian.Uint32(b[8:]), id: binary.LittleEndian.Uint64(b[12:])}
	switch {
	case n > MaxPayload:
		return h, 0, fmt.Errorf("a frame of %d bytes, more than %d", n, MaxPayload)
	case h.kind == 0 || h.kind >= kindEnd:
		return h, 0, fmt.Errorf("a frame of unknown kind %d", h.kind)
	case b[6] != 0 || b[7] != 0:
		return h, 0, fmt.Errorf("a frame whose reserved bytes are not zero")
	}
	return h, int(n), nil
}

const (
	readBuffer = 64 << 10
	keepLarge  = 4 << 20 // a larger buffer is given back after use
)

// frameReader takes frames from a connection.
type frameReader struct {
	r     *bufio.Reader
	large []byte // for payloads that do not fit into the reader's buffer
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// next returns the next frame. The payload is valid until the next call. At the end of the input between two frames the
// error is io.EOF.
func (f *frameReader) next() (header, []byte, error) {
	b, err := f.r.Peek(headerSize)
	if err != nil {
		if errors.Is(err, io.EOF) && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return header{}, nil, err
	}
	h, length, err := decodeHeader(b)
	if err != nil {
		return h, nil, err
	}
	payload, err := f.payload(length)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return h, payload, err
}

func (f *frameReader) payload(length int) ([]byte, error) {
	if headerSize+length <= f.r.Size() {
		b, err := f.r.Peek(headerSize + length)
		if err != nil {
			return nil, err
		}
		_, err = f.r.Discard(len(b)) // what was peeked stays where it is until the next read
		return b[headerSize:], err
	}
	if _, err := f.r.Discard(headerSize); err != nil {
		return nil, err
	}
	large := f.large
	if cap(large) < length {
		large = make([]byte, length)
	}
	if f.large = large; cap(large) > keepLarge {
		f.large = nil
	}
	_, err := io.ReadFull(f.r, large[:length])
	return large[:length], err
}
