package replica

import "time"

// Load is how full the queues of a replica are.
type Load struct {
	Cancels, Others Lane // what waits to be proposed
	MaxBytes        int  // that a lane takes

	Unapplied, MaxUnapplied     int           // entries proposed here and not applied
	Unpublished, MaxUnpublished int           // entries applied, and not yet in the journal and the read model
	Behind                      time.Duration // how long the oldest of these waits
	Held                        int           // answers that wait for a synchronous copy

	Compared, Differing uint64 // comparisons of hashes with other replicas since the start; those that did not agree
}

// Lane is one of the two queues before the log.
type Lane struct{ Submissions, Bytes int }

// Load returns how things are now.
func (r *Replica) Load() Load {
	l := Load{MaxBytes: r.queue.most, Unapplied: r.pending.len(), MaxUnapplied: maxInFlight,
		Unpublished: len(r.publisher.records), MaxUnpublished: published, Held: r.gate.len()}
	l.Cancels, l.Others = r.queue.load()
	if since := r.publisher.since.Load(); since != 0 {
		l.Behind = max(0, time.Duration(time.Now().UnixNano()-since))
	}
	r.agreement.mu.Lock()
	defer r.agreement.mu.Unlock()
	l.Compared, l.Differing = r.agreement.compared, r.agreement.differing
	return l
}

func (q *queue) load() (cancels, others Lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	of := func(l *lane) Lane { return Lane{len(l.waiting), l.bytes} }
	return of(&q.lanes[0]), of(&q.lanes[1])
}
