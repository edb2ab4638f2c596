package lobster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/load/naive"
)

// replay does what the requests ask for on a book of its own, cancels of a batch first, and returns the trades of each
// order by its number in the plan. Nothing may be sent that names an order that was not placed.
func replay(t *testing.T, p *Plan, requests []request) [][]naive.Trade {
	t.Helper()
	b := naive.New()
	mine := make([]uint32, p.Orders+1) // numbers in b, by those of the plan
	plans := make([]uint32, p.Orders+1)
	all := make([][]naive.Trade, p.Orders+1)
	for i, r := range requests {
		steps := slices.Concat(r.cancels, r.orders)
		if r.amend != nil {
			steps = append(steps, r.amend)
		}
		if len(steps) == 0 || len(steps) > api.MaxBatch || r.amend != nil && len(steps) > 1 {
			t.Fatalf("request %d has %d steps", i, len(steps))
		}
		for _, s := range steps {
			if s.Account != r.account {
				t.Fatalf("request %d of account %d has a step of account %d", i, r.account, s.Account)
			}
			if s.Type == Reduce || s.Type == Delete {
				if mine[s.Order] == 0 {
					t.Fatalf("message %d names order %d, which was not placed", s.Message+1, s.Order)
				}
				change(t, b, mine[s.Order], s, p)
				continue
			}
			mine[s.Order] = b.Next()
			plans[b.Next()] = s.Order
			for _, trade := range b.Place(s.Side, s.Tick, s.Quantity, s.Type == Add) {
				trade.Maker = plans[trade.Maker]
				all[s.Order] = append(all[s.Order], trade)
			}
		}
	}
	return all
}

// change reduces an order to a total of which the book knows only what is open.
func change(t *testing.T, b *naive.Book, number uint32, s *Step, p *Plan) {
	t.Helper()
	open := b.Order(number).Open
	switch {
	case (open == 0) != s.Gone:
		t.Fatalf("message %d: its order has %d contracts open, and gone is %v", s.Message+1, open, s.Gone)
	case s.Gone:
	case s.Type == Delete:
		b.Cancel(number)
	default:
		b.Reduce(number, open-(s.Quantity-filledBefore(p, s)))
	}
}

// filledBefore is how much of a step's order had traded before it.
func filledBefore(p *Plan, s *Step) (filled uint32) {
	for i := range p.Steps {
		if &p.Steps[i] == s {
			return filled
		}
		for _, trade := range p.Steps[i].Trades {
			if trade.Maker == s.Order || p.Steps[i].Order == s.Order {
				filled += trade.Quantity
			}
		}
	}
	return filled
}

func checkRequests(t *testing.T, messages []Message, window time.Duration) int {
	t.Helper()
	p, err := NewPlan(messages)
	if err != nil {
		t.Fatal(err)
	}
	requests := p.requests(messages, window)
	got, want := replay(t, p, requests), p.Expected()
	for number := range want {
		if !slices.Equal(got[number], want[number]) {
			t.Fatalf("order %d made the trades %v in requests, and %v step by step", number, got[number], want[number])
		}
	}
	return len(requests)
}

func TestRequestsKeepTheOrderOfEffects(t *testing.T) {
	messages, err := Read(strings.NewReader(recording))
	if err != nil {
		t.Fatal(err)
	}
	whole, split := checkRequests(t, messages, 0), checkRequests(t, messages, 1)
	if whole != 9 || split != 14 {
		t.Errorf("%d requests, %d when each is of one instant; want 9, 14", whole, split)
	}
}

func TestRecordedHourInRequests(t *testing.T) {
	if n := checkRequests(t, recordedHour(t), 0); n > 20_000 {
		t.Errorf("%d requests", n)
	}
}
