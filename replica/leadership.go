package replica

import "sync"

// leadership is who leads the group, as far as is known here.
type leadership struct {
	mu      sync.Mutex
	leader  ID
	term    uint64
	leads   bool
	changed chan struct{} // closed with the next change
}

func (l *leadership) set(leader ID, term uint64, leads bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leader == leader && l.term == term && l.leads == leads {
		return
	}
	l.leader, l.term, l.leads = leader, term, leads
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Leader returns who leads the group as far as is known here, or 0, and a channel that is closed when that changes.
func (r *Replica) Leader() (leader ID, changed <-chan struct{}) {
	l := &r.leadership
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.leader, l.changed
}

// Leading reports whether commands are accepted here.
func (r *Replica) Leading() bool {
	r.leadership.mu.Lock()
	defer r.leadership.mu.Unlock()
	return r.leadership.leads && r.Err() == nil
}
