package index

import (
	"fmt"
	"hash/crc32"
	"io"
)

const (
	pageLen    = 4096
	payloadLen = pageLen - 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// paged cuts content into pages.
func paged(content []byte) []byte {
	pages := (len(content) + payloadLen - 1) / payloadLen
	file := make([]byte, pages*pageLen)
	for i := range pages {
		page := file[i*pageLen : (i+1)*pageLen]
		copy(page[:payloadLen], content[i*payloadLen:])
		le.PutUint32(page[payloadLen:], crc32.Checksum(page[:payloadLen], castagnoli))
	}
	return file
}

// readPage reads and checks a page.
func readPage(source io.ReaderAt, number int64, page []byte) error {
	n, err := source.ReadAt(page[:pageLen], number*pageLen)
	if n < pageLen {
		if err == nil || err == io.EOF {
			return &Damage{number*pageLen + int64(n), "the file ends within a page"}
		}
		return err
	}
	if crc32.Checksum(page[:payloadLen], castagnoli) != le.Uint32(page[payloadLen:]) {
		return &Damage{number * pageLen, fmt.Sprintf("page %d has a wrong checksum", number)}
	}
	return nil
}

// Check reads a whole index file and returns what its segment is said to be. It finds every changed bit, but cannot
// tell whether the index is that of its segment: for this build it again and compare.
func Check(source io.ReaderAt, size int64) (Span, error) {
	page := make([]byte, pageLen)
	var h head
	for number := int64(0); number == 0 || number*payloadLen < h.end(); number++ {
		if err := readPage(source, number, page); err != nil {
			return Span{}, err
		}
		if number > 0 {
			continue
		}
		var err error
		if h, err = parseHead(page); err != nil {
			return Span{}, err
		}
	}
	if want := (h.end() + payloadLen - 1) / payloadLen * pageLen; size != want {
		return Span{}, &Damage{min(size, want), fmt.Sprintf("the file has %d bytes and should have %d", size, want)}
	}
	return h.Span, nil
}
