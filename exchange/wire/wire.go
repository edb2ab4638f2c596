// Package wire turns commands and events into versioned bytes and back. All numbers are little-endian.
//
// Every command and every event is a frame:
//
//	 0       2      3         4
//	+--------+------+---------+----------------------------+
//	| length | kind | version | fields, fixed order        |
//	|  u16   |  u8  |   u8    | length − 4 bytes           |
//	+--------+------+---------+----------------------------+
//
// The length counts the whole frame. Texts and lists come last with their lengths before them. Frames that the
// exchange writes all day (placing, matching, cancelling) have hand-written layouts; the others list their fields
// once, for both directions (see package codec).
//
// A kind's fields change only by a new version. A reader brings older versions up to date (see upcast.go) and
// refuses newer ones. The layouts are specified in docs/formats/events.md and docs/formats/commands.md.
//
// The package knows layouts, not meaning: it checks that bytes are well formed and nothing else.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hustings/hustings/exchange"
)

var le = binary.LittleEndian

const frameHead = 4

// maxFrame is the greatest length of a frame.
const maxFrame = 1<<16 - 1

// ErrTooLong says that a command's texts do not fit in a frame.
var ErrTooLong = errors.New("texts are too long")

// ErrMalformed is wrapped by every error about bytes that are not a frame of this version.
var ErrMalformed = errors.New("malformed frame")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// Next splits the first frame off b. It fails when b does not begin with a whole frame.
func Next(b []byte) (frame, rest []byte, err error) {
	if len(b) < frameHead {
		return nil, nil, malformed("%d bytes are left where a frame should begin", len(b))
	}
	n := int(le.Uint16(b))
	if n < frameHead || n > len(b) {
		return nil, nil, malformed("a length of %d in %d bytes", n, len(b))
	}
	return b[:n:n], b[n:], nil
}

// EventKind returns the kind of an event's frame.
func EventKind(frame []byte) exchange.EventKind { return exchange.EventKind(frame[2]) }

// grow appends n zero bytes to b and returns the longer slice and the new bytes.
func grow(b []byte, n int) (all, added []byte) {
	l := len(b)
	if cap(b)-l >= n {
		all = b[:l+n]
	} else {
		all = append(b, make([]byte, n)...)
	}
	return all, all[l : l+n : l+n]
}

func putHead(b []byte, kind, version uint8) {
	le.PutUint16(b, uint16(len(b)))
	b[2], b[3] = kind, version
}
