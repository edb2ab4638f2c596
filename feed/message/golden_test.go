package message

import (
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// samples are messages of one connection, in their order; docs/formats/feed.md shows each in both encodings.
func samples() []Message {
	const begin exchange.Time = 1_793_742_420_000_000_000 // 2026-11-03T21:47:00Z
	link := func(seq, prev exchange.Seq, ms int) Link {
		return Link{Head: Head{Market: 7, Point: Point{0, seq}, Time: begin + exchange.Time(ms)*1e6}, Prev: Point{0, prev}}
	}
	books := NewBooks(1)
	books.Fill(0, exchange.Buy, []Level{{6_200, 150}, {6_150, 40}})
	books.Fill(0, exchange.Sell, []Level{{6_300, 25}})
	image := &Image{Head: link(40, 40, 0).Head, Checksum: books.Checksum(), Books: []Levels{{
		Outcome: "yes", Bids: books.Levels(0, exchange.Buy), Asks: books.Levels(0, exchange.Sell)}}}
	changes := []Change{{0, exchange.Buy, 6_200, 0}, {0, exchange.Buy, 6_250, 10}}
	for _, c := range changes {
		books.Set(c)
	}
	delta := &Delta{Link: link(44, 40, 12), Checksum: books.Checksum(), Changes: changes}
	moved := &Delta{Link: link(0, 0, 30), Changes: []Change{{0, exchange.Sell, 6_300, 5}}}
	books.Set(moved.Changes[0])
	moved.Checksum = books.Checksum()
	moved.Point, moved.Prev = Point{1, 1<<48 + 9}, Point{0, 44}
	beginning := func(seq exchange.Seq) Link { return link(seq, seq, 0) }
	return []Message{
		image, delta, moved,
		&Heartbeat{Head: moved.Head, Channel: Book, Next: moved.Seq + 20},
		&Gap{Head: moved.Head, Channel: Book},
		&Chain{Head: beginning(40).Head, Channel: Trade},
		&Trades{Link: link(44, 40, 12), Trades: []Deal{{42, 0, exchange.Sell, 6_200, 100}, {43, 0, exchange.Sell, 6_200, 50}}},
		&Tickers{Link: beginning(40), Tops: []Top{{150, 25, 1_000, 6_200, 6_300, 6_200, 0}}},
		&Tickers{Link: link(44, 40, 12), Tops: []Top{{10, 25, 1_150, 6_250, 6_300, 6_200, 0}}},
		&State{Link: beginning(40), State: exchange.StateOpen},
		&State{Link: link(90, 40, 900), State: exchange.StateResolved, Values: []exchange.Price{10_000}},
	}
}

// TestDocumentShowsEveryMessage keeps docs/formats/feed.md equal to what is written, byte for byte.
func TestDocumentShowsEveryMessage(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats/feed.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(page)
	bases := map[Channel]*Base{}
	for _, m := range samples() {
		for _, line := range []string{string(AppendJSON(nil, m)), hex.EncodeToString(AppendBinary(nil, m, baseOf(bases, m)))} {
			_, after, found := strings.Cut(rest, line+"\n")
			if !found {
				t.Errorf("docs/formats/feed.md lacks, or has out of order:\n%s", line)
				continue
			}
			rest = after
		}
	}
}

func baseOf(bases map[Channel]*Base, m Message) *Base {
	c, _ := linked(m.kind())
	if chain, is := m.(*Chain); is {
		c = chain.Channel
	}
	if bases[c] == nil {
		bases[c] = new(Base)
	}
	return bases[c]
}

func TestReadersReturnWhatWasWritten(t *testing.T) {
	bases := map[Channel]*Base{}
	var r Reader
	for _, m := range samples() {
		b := AppendBinary(nil, m, baseOf(bases, m))
		back, err := r.Read(b)
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if !reflect.DeepEqual(back, m) {
			t.Errorf("%x is read as\n%+v, written was\n%+v", b, back, m)
		}
		text, err := ReadJSON(AppendJSON(nil, m))
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if !reflect.DeepEqual(text, m) {
			t.Errorf("%s is read as\n%+v, written was\n%+v", AppendJSON(nil, m), text, m)
		}
	}
}

func TestTopFitsACacheLine(t *testing.T) {
	const line = 64
	if size := reflect.TypeFor[Top]().Size(); size > line {
		t.Errorf("a Top has %d bytes", size)
	}
}

// FuzzRead has nothing but an error or a message come of any bytes, and what is read is written as it was.
func FuzzRead(f *testing.F) {
	bases := map[Channel]*Base{}
	for _, m := range samples() {
		f.Add(AppendBinary(nil, m, baseOf(bases, m)), AppendBinary(nil, samples()[0], new(Base)))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var r Reader
		for _, frame := range [][]byte{a, b, a} {
			m, err := r.Read(frame)
			if (m == nil) == (err == nil) {
				t.Fatal("neither a message nor an error, or both")
			}
			if image, is := m.(*Image); is && len(image.Books) > 0 {
				if again := AppendBinary(nil, image, new(Base)); len(again) > len(frame) {
					t.Fatalf("%x was read, and is written as %x", frame, again)
				}
				BooksOf(image).Checksum()
			}
		}
	})
}

// FuzzReadJSON does so for JSON.
func FuzzReadJSON(f *testing.F) {
	for _, m := range samples() {
		f.Add(AppendJSON(nil, m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadJSON(b)
		if (m == nil) == (err == nil) {
			t.Fatal("neither a message nor an error, or both")
		}
	})
}
