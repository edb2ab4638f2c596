package lobster

import (
	"time"

	"github.com/hustings/hustings/api"
)

// request is what goes to the exchange at once: an amendment by itself, or a run of steps of one account that have the
// same effect as a batch, in which cancels come before orders.
type request struct {
	account int
	amend   *Step
	cancels []*Step
	orders  []*Step
	due     time.Duration // of its last step, after midnight
	first   time.Duration
}

func (r *request) items() int { return len(r.cancels) + len(r.orders) }

// takes reports whether a step can join the request without changing what happens.
func (r *request) takes(s *Step, at, window time.Duration) bool {
	if r.amend != nil || s.Type == Reduce || s.Account != r.account || r.items() == api.MaxBatch {
		return false
	}
	if window > 0 && at-r.first > window {
		return false
	}
	if s.Type != Delete {
		return true
	}
	// Orders never trade with one of their own account, so a cancel may come before them, but for that of an order
	// which the batch itself places. Numbers ascend: those are the ones from its first on.
	return len(r.orders) == 0 || s.Order < r.orders[0].Order
}

func (r *request) add(s *Step) {
	switch s.Type {
	case Reduce:
		r.amend = s
	case Delete:
		r.cancels = append(r.cancels, s)
	default:
		r.orders = append(r.orders, s)
	}
}

// requests groups the steps of a plan. With a window above 0, the steps of a request were recorded within it. What
// concerns orders that never arrived is left out: there is nothing to name in it.
func (p *Plan) requests(messages []Message, window time.Duration) []request {
	var all []request
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Out || s.Order == 0 {
			continue
		}
		at := messages[s.Message].Time
		if n := len(all); n == 0 || !all[n-1].takes(s, at, window) {
			all = append(all, request{account: s.Account, first: at})
		}
		r := &all[len(all)-1]
		r.add(s)
		r.due = at
	}
	return all
}
