package index

import (
	"io"
	"sync"
)

// Cache keeps the pages of index files that were read last (roughly: by the clock algorithm). It is safe for
// concurrent use.
type Cache struct {
	mu    sync.Mutex
	pages []cachedPage
	where map[pageID]int
	hand  int
}

type pageID struct{ file, number uint64 }

type cachedPage struct {
	id   pageID
	used bool // since the hand passed
	data *[pageLen]byte
}

// NewCache returns a cache of so many pages of 4 KiB, at least 16.
func NewCache(pages int) *Cache {
	pages = max(pages, 16)
	return &Cache{pages: make([]cachedPage, pages), where: make(map[pageID]int, pages)}
}

// read copies bytes of a file's content to p, whole or with an error.
func (c *Cache) read(file uint64, source io.ReaderAt, p []byte, offset int64) error {
	for len(p) > 0 {
		number, skip := offset/payloadLen, offset%payloadLen
		page, err := c.page(pageID{file, uint64(number)}, source)
		if err != nil {
			return err
		}
		n := copy(p, page[skip:payloadLen])
		p, offset = p[n:], offset+int64(n)
	}
	return nil
}

// page returns a page that nobody changes any more.
func (c *Cache) page(id pageID, source io.ReaderAt) (*[pageLen]byte, error) {
	if data := c.find(id); data != nil {
		return data, nil
	}
	data := new([pageLen]byte)
	if err := readPage(source, int64(id.number), data[:]); err != nil {
		return nil, err
	}
	c.keep(id, data)
	return data, nil
}

func (c *Cache) find(id pageID) *[pageLen]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, found := c.where[id]
	if !found {
		return nil
	}
	c.pages[at].used = true
	return c.pages[at].data
}

func (c *Cache) keep(id pageID, data *[pageLen]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, found := c.where[id]; found {
		return
	}
	for c.pages[c.hand].used {
		c.pages[c.hand].used = false
		c.hand = (c.hand + 1) % len(c.pages)
	}
	p := &c.pages[c.hand]
	if p.data != nil {
		delete(c.where, p.id)
	}
	*p = cachedPage{id: id, data: data}
	c.where[id] = c.hand
	c.hand = (c.hand + 1) % len(c.pages)
}
