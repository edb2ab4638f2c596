package part

import (
	"reflect"
	"testing"

	"github.com/hustings/hustings/exchange"
)

func market() (Head, Position, Order, Key, Past, Trace) {
	return Head{Spec: exchange.MarketSpec{Question: "Will it be whole?", Rules: "r", Outcomes: []string{"A", "B"}, CloseAt: 1, DisputeWindow: 2,
			Tick: exchange.TickRule{Middle: 3, Edge: 4, EdgeWidth: 5}, TakerFee: 6, MakerShare: 7, PositionLimit: 8, Collar: 9, Flags: 1},
			State: 3, Version: 11, Traded: true, Fees: 12, Values: []exchange.Price{13, 14}, Source: "s", Evidence: "e", PayAfter: 15, Number: 16,
			Books: []Book{{17, 18}, {19, 20}}, Held: 21, Orders: 22, Position: 23, Keys: 24},
		Position{Account: 1, Outcome: 2, Yes: 3, No: 4, Paid: -5, Deadline: 6},
		Order{ID: 1 << 40, Account: 2, Outcome: 3, Side: 1, SelfTrade: 4, Flags: 5, Price: 6, Filled: 7, Remaining: 8, Closing: 9, Version: 10,
			Hold: 11, Overpaid: 1 << 50, ExpireAt: 13, Doomed: true},
		Key{Key: exchange.Key{1, 15: 2}, Content: 3, Answer: exchange.Reply{Time: 4, ID: 5, Cost: 6, Fees: 7, Filled: 8, Remaining: 9, Version: 10, Code: 11}},
		Past{CreatedAt: 1, ActiveAt: 2, Volumes: []uint64{3, 4}, Trades: []uint64{5, 6}},
		Trace{ID: 1, PlacedAt: 2, ClientID: []byte("id"), Account: 3, Outcome: 4, YesCost: 5, NoCost: 6}
}

// What was written is read again, from parts of any size, and nothing that was cut short is taken for a part.
func TestWhatIsWrittenIsRead(t *testing.T) {
	head, position, order, key, past, trace := market()
	group := exchange.GroupTerms{Account: 1, Group: 2, Version: 3, Cancelled: 4, Limit: 5, Window: 1 << 40, Triggered: true}
	grouped := order
	grouped.Group, grouped.GroupVersion = 7, 8
	want := Part{Head: &head, Positions: []Position{position, {}}, Groups: []exchange.GroupTerms{group}, Orders: []Order{order, {}, grouped, order}, Keys: []Key{key, {}}, Past: &past, Traces: []Trace{trace}}
	for _, size := range []int{0, 1, 100} {
		w := Writer{Size: size}
		w.Head(&Head{Held: 99})
		for i := range want.Positions {
			w.Position(&want.Positions[i])
		}
		w.Group(&group)
		for i := range want.Orders {
			w.Order(&want.Orders[i])
		}
		for i := range want.Keys {
			w.Key(&want.Keys[i])
		}
		w.Past(&past)
		w.Trace(&trace)
		w.Head(&head)
		var got Part
		for i, data := range w.Parts() {
			p, ok := Read(data)
			if !ok || (p.Head != nil) != (i == 0) {
				t.Fatalf("size %d, part %d: %v, head %v", size, i, ok, p.Head)
			}
			if i == 0 {
				got.Head = p.Head
			}
			got.Positions, got.Orders, got.Keys = append(got.Positions, p.Positions...), append(got.Orders, p.Orders...), append(got.Keys, p.Keys...)
			got.Groups = append(got.Groups, p.Groups...)
			if got.Traces = append(got.Traces, p.Traces...); p.Past != nil {
				got.Past = p.Past
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("size %d: read\n%+v\nwant\n%+v", size, got, want)
		}
	}
	for _, write := range []func(*Writer){func(w *Writer) { w.Order(&order) }, func(w *Writer) { w.Order(&grouped) }, func(w *Writer) { w.Group(&group) }, func(w *Writer) { w.Key(&key) }, func(w *Writer) { w.Position(&position) }} {
		var w Writer
		write(&w)
		data := w.Parts()[0]
		for n := 1; n < len(data); n++ {
			if _, ok := Read(data[:n]); ok {
				t.Errorf("%d of %d bytes were taken for a part", n, len(data))
			}
		}
	}
}
