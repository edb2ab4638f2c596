package message

import (
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
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

// privateSamples are messages about an account, in the order in which the document shows them.
func privateSamples() []Message {
	const at api.Time = 1_793_742_420_012_345_678 // 2026-11-03T21:47:00.012345678Z
	resting := api.Order{
		Order: 3, Market: 7, Outcome: api.Yes, Side: api.Buy, Type: api.TypeLimit, Price: 6_200, Quantity: 10, Filled: 4, Remaining: 6,
		Status: api.StatusOpen, TimeInForce: api.GTC, SelfTrade: api.CancelTaker, PlacedAt: at, Version: 1,
	}
	cancelled := api.Order{
		Order: 4, Market: 9, Outcome: "Šárka", Contract: api.No, Side: api.Sell, Type: api.TypeLimit, Price: 100, Quantity: 500, Remaining: 0,
		Status: api.StatusCancelled, Reason: exchange.CancelDeadMan.String(), TimeInForce: api.GTT, ExpiresAt: at + 60e9, PostOnly: true, ReduceOnly: true,
		SelfTrade: api.DecreaseBoth, Group: 2, ClientOrderID: "order-1", PlacedAt: at, Version: 3,
	}
	return []Message{
		&Account{Number: 0, Cash: 1_000_000, Held: 37_200, Orders: []api.Order{resting}},
		&Order{Number: 1, Seq: 44, Time: at, Order: cancelled},
		&Fill{Number: 2, Fill: api.Fill{
			Seq: 45, Time: at, Order: 5, Market: 9, Outcome: "Šárka", Contract: api.No, Side: api.Sell, Price: 200, Quantity: 4, Fee: -12, Role: api.RoleTaker,
		}},
		&Balance{Number: 3, Seq: 46, Time: at, Cash: 975_212, Held: 0},
	}
}

// TestDocumentShowsEveryMessage keeps docs/formats/feed.md equal to what is written, byte for byte.
func TestDocumentShowsEveryMessage(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats/feed.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(page)
	if words := "none" + strings.Join(reasonWords, ", "); !strings.Contains(rest, words+" |") {
		t.Error("docs/formats/feed.md lacks why orders are cancelled: " + words)
	}
	bases := map[Channel]*Base{}
	for _, m := range append(samples(), privateSamples()...) {
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
	gap := *privateSamples()[0].(*Account)
	gap.Gap, gap.More, gap.Orders = true, true, []api.Order{}
	for _, m := range append(append(samples(), privateSamples()...), &gap) {
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

// TestOrdersInBinaryForm has every word that an order may have read as it was written.
func TestOrdersInBinaryForm(t *testing.T) {
	plain := privateSamples()[0].(*Account).Orders[0]
	try := func(words []string, set func(*api.Order, string)) {
		for _, w := range words {
			want := &Order{Order: plain}
			set(&want.Order, w)
			back, err := new(Reader).Read(AppendBinary(nil, want, nil))
			if err != nil || !reflect.DeepEqual(back, Message(want)) {
				t.Errorf("%q: %+v, %v", w, back, err)
			}
		}
	}
	try(api.SideWords, func(o *api.Order, w string) { o.Side = w })
	try(api.TypeWords, func(o *api.Order, w string) { o.Type = w })
	try(api.TIFWords, func(o *api.Order, w string) { o.TimeInForce = w })
	try(api.SelfTradeWords, func(o *api.Order, w string) { o.SelfTrade = w })
	try(api.StatusWords, func(o *api.Order, w string) { o.Status = w })
	try([]string{unknownReason}, func(o *api.Order, w string) { o.Reason = w })
	try(api.ContractWords, func(o *api.Order, w string) { o.Contract = w })
	for r := range exchange.CancelReasons {
		try([]string{r.String()}, func(o *api.Order, w string) { o.Reason = w })
	}
}

// TestReaderPassesOverWhatIsNew has a later exchange say more about an account.
func TestReaderPassesOverWhatIsNew(t *testing.T) {
	for _, m := range privateSamples() {
		if back, err := new(Reader).Read(append(AppendBinary(nil, m, nil), 1, 2, 3)); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%T: %+v, %v", m, back, err)
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
	for _, m := range privateSamples() {
		f.Add(AppendBinary(nil, m, nil), []byte{})
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
			if m != nil && m.kind() >= kindAccount {
				if again, err := r.Read(AppendBinary(nil, m, nil)); err != nil || !reflect.DeepEqual(again, m) {
					t.Fatalf("%+v was read, written, and then is %+v, %v", m, again, err)
				}
				AppendJSON(nil, m)
			}
		}
	})
}

// FuzzReadJSON does so for JSON.
func FuzzReadJSON(f *testing.F) {
	for _, m := range append(samples(), privateSamples()...) {
		f.Add(AppendJSON(nil, m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadJSON(b)
		if (m == nil) == (err == nil) {
			t.Fatal("neither a message nor an error, or both")
		}
	})
}
