package courier

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
)

// shards plays two shards that obey the rules of transfers.
type shards struct {
	sent, received, released uint64
	credited                 map[uint64]int
}

func (s *shards) outbox() (all []exchange.Transfer) {
	for n := s.released + 1; n <= s.sent; n++ {
		all = append(all, exchange.Transfer{To: 2, Number: n, Account: 1, Amount: exchange.Money(n)}, exchange.Transfer{To: 3, Number: n})
	}
	return all
}

func (s *shards) receive(c *exchange.ReceiveTransfer) (r exchange.Reply) {
	switch {
	case c.Number > s.received+1:
		r.Code = exchange.RejectTransferOutOfOrder
	case c.Number == s.received+1:
		s.received++
		s.credited[c.Number]++
	}
	return r
}

// Whatever is lost, repeated or forgotten, a transfer is credited once, is released only when it was, and all arrive.
func TestEverythingArrivesOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shards{credited: map[uint64]int{}}
		route := Route{From: 1, To: 2}
		outbox := s.outbox()
		step := func(most int, lossy bool) {
			lost := func() bool { return lossy && rapid.Bool().Draw(t, "lost") }
			for _, c := range route.Deliver(outbox, most) {
				if c.From != 1 || c.Amount != exchange.Money(c.Number) {
					t.Fatalf("this was not sent: %+v", c)
				}
				if lost() {
					continue
				}
				if r := s.receive(c); !lost() {
					route.Answered(c, r)
				}
			}
			for _, c := range route.Release(outbox, most) {
				if c.Number > s.received {
					t.Fatalf("transfer %d is released and is at %d", c.Number, s.received)
				}
				if !lost() && c.Number == s.released+1 {
					s.released++
				}
			}
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				s.sent += uint64(rapid.IntRange(1, 4).Draw(t, "sent"))
			case 1:
				route = Route{From: 1, To: 2} // it has forgotten everything
			case 2:
				outbox = s.outbox() // otherwise it looks at an old one
			case 3:
				step(rapid.IntRange(1, 3).Draw(t, "most"), true)
			}
		}
		for range s.sent + 1 {
			outbox = s.outbox()
			step(1, false)
		}
		if s.received != s.sent || s.released != s.sent {
			t.Fatalf("of %d transfers %d have arrived and %d are released", s.sent, s.received, s.released)
		}
		for n, times := range s.credited {
			if times != 1 {
				t.Fatalf("transfer %d was credited %d times", n, times)
			}
		}
	})
}
