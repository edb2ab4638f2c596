package sim

import (
	"fmt"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/replica"
)

// request is commands that somebody wants done on a shard.
type request struct {
	group    *group
	cmds     []exchange.Command
	frames   []byte
	stubborn bool // asks until it is answered
	answers  []exchange.Reply
	done     func(replies []exchange.Reply) // called once
}

// try is a request as it was given to one replica.
type try struct {
	*request
	submission *replica.Submission
	over       bool
}

func (w *world) request(g *group, stubborn bool, done func([]exchange.Reply), cmds ...exchange.Command) *request {
	q := &request{group: g, cmds: cmds, stubborn: stubborn, done: done}
	for _, cmd := range cmds {
		var err error
		if q.frames, err = wire.AppendCommand(q.frames, cmd); err != nil {
			w.fail(fmt.Errorf("encoding %s: %w", show(cmd), err))
		}
	}
	return q
}

// send gives the request to whoever seems to lead, or to anybody.
func (q *request) send() {
	w := q.group.w
	h := q.group.leader()
	if h == nil || w.chance(10) {
		h = q.group.hosts[w.IntN(len(q.group.hosts))]
	}
	if !h.up || h.node.stalled > w.now && w.chance(50) {
		q.again()
		return
	}
	s, err := h.replica.Send(q.frames, len(q.cmds))
	if err != nil {
		q.again()
		return
	}
	t := &try{request: q, submission: s}
	h.tries = append(h.tries, t)
	h.kick()
	w.after(50*time.Millisecond+w.upTo(700*time.Millisecond), func() {
		if !t.over && t.submission.Abandon() {
			t.ended()
		}
	})
}

// again asks once more, a little later.
func (q *request) again() {
	if w := q.group.w; q.stubborn && q.answers == nil {
		w.after(time.Millisecond+w.upTo(40*time.Millisecond), func() {
			if q.answers == nil {
				w.count(ClientRetry)
				q.send()
			}
		})
	}
}

// ended takes in that a try has no answer and will have none.
func (t *try) ended() {
	if !t.over {
		t.over = true
		t.again()
	}
}

// answered takes in the answer to a try.
func (t *try) answered(by *host) {
	w := t.group.w
	if t.over {
		return
	}
	t.over = true
	w.result.Answers++
	replies := t.submission.Replies
	by.promised(by.marked, func(p *promise) { p.seq = max(p.seq, replies[len(replies)-1].Seq) })
	for i, reply := range replies {
		w.note("answered", uint64(t.group.shard), uint64(reply.Seq), reply.ID, uint64(reply.Code))
		if err := t.group.oracle.answered(t.cmds[i], reply); err != nil {
			w.fail(fmt.Errorf("shard %d: %w", t.group.shard, err))
		}
	}
	if t.answers == nil {
		t.answers = replies
		t.done(replies)
	}
}

// read is a fresh read under way.
type read struct {
	host   *host
	ask    *replica.Read
	least  exchange.Seq    // acknowledged before it began
	marked replica.Members // when it began: a mark that comes later does not hold it back
	until  time.Duration
	then   func()
}

// read begins a fresh read, and does something when it has an answer.
func (h *host) read(then func()) {
	w := h.w
	h.reads = append(h.reads, &read{h, h.replica.Ask(), h.group.oracle.acked, h.replica.Members(), w.now + 3*time.Second, then})
	h.kick()
}

// check reports whether the read is over.
func (r *read) check() bool {
	w := r.host.w
	if !r.ask.Ready() {
		return w.now > r.until
	}
	w.result.Reads++
	if seen := r.host.replica.View().Seq(); seen < r.least && !r.host.bygone() { // those show what was, until they are fenced off
		w.fail(fmt.Errorf("a fresh read of %v shows event %d, and %d was acknowledged before it began; it was told of entry %d", r.host, seen, r.least, r.ask.Index()))
	}
	if leads, _ := r.host.replica.Leads(); leads || w.set.synchronous { // otherwise it may not have heard that a mark is gone
		r.host.promised(r.marked, func(p *promise) { p.index = max(p.index, r.ask.Index()) })
	}
	r.then()
	return true
}
