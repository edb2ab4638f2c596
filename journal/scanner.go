package journal

import (
	"errors"
	"fmt"
	"io"

	"github.com/hustings/hustings/vfs"
)

// source is the bytes of a segment. A read may give less than was asked for, and gives nothing at the end only.
type source interface {
	readAt(p []byte, offset int64) (int, error)
}

// fileSource is a file that nobody writes to.
type fileSource struct{ vfs.File }

func (f fileSource) readAt(p []byte, offset int64) (int, error) {
	n, err := f.ReadAt(p, offset)
	if n > 0 || errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// scanner reads the records of a segment one after the other.
type scanner struct {
	source source
	file   string // its path, for errors
	at     int64  // of the next record
	window int    // how much to read at once, bytes

	buffer   []byte
	bufferAt int64 // where buffer begins in the source
}

// next returns the record at s.at, which is good until the next call, and moves behind it. At the end of the source
// it returns io.EOF; damage is a *Corruption.
func (s *scanner) next() (stored, error) {
	r, b, err := s.record()
	if err != nil {
		return stored{}, err
	}
	s.at += int64(len(b))
	return r, nil
}

// record returns the record at s.at and its bytes.
func (s *scanner) record() (stored, []byte, error) {
	b, err := s.need(4)
	if err != nil {
		return stored{}, nil, err
	}
	if len(b) == 0 {
		return stored{}, nil, io.EOF
	}
	if len(b) < 4 {
		return stored{}, nil, s.cutShort()
	}
	n, err := recordLen(b)
	if err != nil {
		return stored{}, nil, s.corruption(err)
	}
	if b, err = s.need(n); err != nil {
		return stored{}, nil, err
	}
	if len(b) < n {
		return stored{}, nil, s.cutShort()
	}
	r, err := parseRecord(b)
	if err != nil {
		return stored{}, nil, s.corruption(err)
	}
	return r, b, nil
}

// need returns the n bytes at s.at, or fewer if the source ends before. It reads ahead by the window, and makes room
// only for what there is, whatever a damaged length says.
func (s *scanner) need(n int) ([]byte, error) {
	if s.at < s.bufferAt || s.at > s.bufferAt+int64(len(s.buffer)) {
		s.buffer, s.bufferAt = s.buffer[:0], s.at
	}
	for {
		have := s.buffer[s.at-s.bufferAt:]
		if len(have) >= n {
			return have[:n], nil
		}
		s.shift(have, min(n, max(2*len(have), s.window)))
		m, err := s.source.readAt(s.buffer[len(have):cap(s.buffer)], s.at+int64(len(have)))
		if err != nil {
			return nil, err
		}
		s.buffer = s.buffer[:len(have)+m]
		if m == 0 {
			return s.buffer, nil
		}
	}
}

// shift moves what is left to the front of a buffer that holds at least n bytes, and more than is left.
func (s *scanner) shift(have []byte, n int) {
	n = max(n, len(have)+1)
	into := s.buffer[:0]
	if cap(into) < n {
		into = make([]byte, 0, max(n, s.window))
	}
	s.buffer = append(into, have...)
	s.bufferAt = s.at
}

func (s *scanner) corruption(err error) error {
	if errors.Is(err, ErrVersion) {
		return fmt.Errorf("%s at byte %d: %w", s.file, s.at, err)
	}
	return &Corruption{File: s.file, Byte: s.at, What: err.Error()}
}

func (s *scanner) cutShort() error {
	return &Corruption{File: s.file, Byte: s.at, What: "the file ends within a record", short: true}
}
