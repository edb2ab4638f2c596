package sim

import (
	"time"

	"github.com/hustings/hustings/courier"
	"github.com/hustings/hustings/exchange"
)

// sweeper sends idle cash home from another shard, as package courier says. It reads whatever replica it finds, says things twice, and
// now and then forgets everything.
type sweeper struct {
	w    *world
	from *group
	idle courier.Idle
}

// walk looks what there is to do, again and again.
func (s *sweeper) walk() {
	w := s.w
	s.look()
	w.after(20*time.Millisecond+w.upTo(200*time.Millisecond), s.walk)
}

func (s *sweeper) look() {
	w := s.w
	if w.chance(2) && !w.ending {
		w.count(SweeperForgets)
		s.idle = courier.Idle{}
	}
	source, home := s.from.hosts[w.IntN(len(w.nodes))], w.groups[0].hosts[w.IntN(len(w.nodes))]
	places := w.places(home)
	if !source.up || places == nil {
		return
	}
	view, long := source.replica.View(), w.set.idleFor
	if view.Totals().Markets == 0 && !places.Uses(s.from.shard) {
		long = 0
	}
	now := max(view.Now(), home.replica.View().Now())
	for id := exchange.AccountID(1); id <= traders; id++ {
		a, known := view.Account(id)
		if !known {
			continue
		}
		if amount := s.idle.Look(&a, now, long); amount > 0 {
			s.send(&exchange.SendTransfer{Account: id, Key: w.desk.key(), To: exchange.HomeShard, Amount: amount})
		}
	}
}

// send has cash sent home. What is spent meanwhile is refused, and stays.
func (s *sweeper) send(cmd *exchange.SendTransfer) {
	w := s.w
	q := w.request(s.from, false, func(replies []exchange.Reply) {
		if replies[0].Code == exchange.Accepted {
			w.count(IdleCashSent)
		}
	}, cmd)
	q.send()
	if w.permille(100) {
		w.after(w.upTo(200*time.Millisecond), q.send)
	}
}
