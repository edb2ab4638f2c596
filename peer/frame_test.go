package peer

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
)

// frame encodes a frame.
func frame(h header, payload []byte) []byte {
	var head [headerSize]byte
	h.encode(&head, len(payload))
	return append(head[:], payload...)
}

// The bytes of version 1. They are never rewritten.
func TestBytesOfVersion1(t *testing.T) {
	got := frame(header{kindCall, 7, 0x01020304, 0x1112131415161718}, []byte("abc"))
	if want := "03000000" + "03" + "07" + "0000" + "04030201" + "1817161514131211" + "616263"; hex.EncodeToString(got) != want {
		t.Errorf("a call is %x, want %s", got, want)
	}
	a, b := net.Pipe()
	go func() {
		hello{1, forCalls, 0x0102, 0x0304}.write(a)
		a.Close()
	}()
	got, err := io.ReadAll(b)
	want := "10000000" + "01" + "00" + "0000" + "00000000" + "0000000000000000" + "4855535450454552" + "0100" + "02" + "00" + "0201" + "0403"
	if err != nil || hex.EncodeToString(got) != want {
		t.Errorf("a hello is %x, %v, want %s", got, err, want)
	}
	kinds := []uint8{kindHello, kindMessage, kindCall, kindAnswer, kindError, kindCancel}
	if !bytes.Equal(kinds, []uint8{1, 2, 3, 4, 5, 6}) || forMessages != 1 || forCalls != 2 {
		t.Errorf("kinds are numbered %v", kinds)
	}
}

func TestFramesOfEveryLengthAreRead(t *testing.T) {
	lengths := []int{0, 1, readBuffer - headerSize - 1, readBuffer - headerSize, readBuffer - headerSize + 1, 3, 1 << 20, 5, MaxPayload, 7}
	var all []byte
	for i, n := range lengths {
		all = append(all, frame(header{kind: kindMessage, id: uint64(i)}, bytes.Repeat([]byte{byte(i + 1)}, n))...)
	}
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(all), "halves": iotest.HalfReader(bytes.NewReader(all))} {
		frames := newFrameReader(r)
		for i, n := range lengths {
			h, b, err := frames.next()
			if err != nil || h.id != uint64(i) || len(b) != n || bytes.Count(b, []byte{byte(i + 1)}) != n {
				t.Fatalf("%s, frame %d: %+v, %d bytes, %v", name, i, h, len(b), err)
			}
		}
		if _, _, err := frames.next(); err != io.EOF {
			t.Errorf("%s: %v at the end", name, err)
		}
		if cap(frames.large) > keepLarge {
			t.Errorf("a buffer of %d bytes is kept", cap(frames.large))
		}
	}
}

func TestWrongFramesAreRefused(t *testing.T) {
	good := frame(header{kind: kindMessage}, []byte("abc"))
	changed := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for _, c := range []struct {
		want string
		b    []byte
	}{
		{"more than 16777216", changed(3, 1)},
		{"unknown kind 0", changed(4, 0)},
		{"unknown kind 7", changed(4, kindEnd)},
		{"reserved", changed(6, 1)},
		{"reserved", changed(7, 1)},
		{"unexpected EOF", good[:len(good)-1]},
		{"unexpected EOF", good[:headerSize-1]},
	} {
		if _, _, err := newFrameReader(bytes.NewReader(c.b)).next(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q: %v", c.want, err)
		}
	}
	// The end within a long payload, at a place where a read ends.
	long := frame(header{kind: kindMessage}, make([]byte, 1<<20))
	if _, _, err := newFrameReader(bytes.NewReader(long[:headerSize])).next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// Whatever comes, the reader neither panics nor hands out what is not there, and what it hands out encodes to what came.
func FuzzFrames(f *testing.F) {
	f.Add(frame(header{kindCall, 7, 3, 9}, []byte("abc")))
	f.Add(append(frame(header{kind: kindMessage}, nil), frame(header{kind: kindMessage, shard: 1}, make([]byte, 100))...))
	f.Add([]byte{0, 0, 0, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := newFrameReader(bytes.NewReader(data))
		rest := data
		for {
			h, payload, err := frames.next()
			if err != nil {
				if err == io.EOF && len(rest) != 0 {
					t.Errorf("%d bytes are left", len(rest))
				}
				return
			}
			b := frame(h, payload)
			if !bytes.HasPrefix(rest, b) {
				t.Fatalf("%x was read as %x", rest, b)
			}
			rest = rest[len(b):]
		}
	})
}

func FuzzHello(f *testing.F) {
	f.Add([]byte("HUSTPEER\x01\x00\x01\x00\x01\x00\x02\x00"))
	f.Add([]byte("HUSTPEER\x02\x00"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		h, err := readHello(newFrameReader(bytes.NewReader(frame(header{kind: kindHello}, payload))))
		if err == nil && (h.version != version || len(payload) != helloSize) {
			t.Errorf("%x was read as %+v", payload, h)
		}
	})
}
