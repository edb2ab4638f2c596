package replica

import (
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/journal"
)

// published is how many entries may wait for the publisher before the applier waits for it.
const published = 256

// publisher appends events to the journal and folds them into the read model, behind the answers.
type publisher struct {
	r       *Replica
	journal *journal.Journal
	view    *projection.View
	records chan publication
	spares  chan []byte
	broken  bool // the read model refused an event
	failed  bool // nothing is published any more

	since atomic.Int64 // when what is published now was handed over, Unix ns; 0: nothing is
}

// publication is the events of one entry.
type publication struct {
	record journal.Record
	since  time.Time
	copied bool          // from another replica's journal; the read model gets its state instead
	then   func(ok bool) // instead of a record: what to do once all before are published; not ok if they never will be
}

func newPublisher(r *Replica, j *journal.Journal, v *projection.View) *publisher {
	return &publisher{r: r, journal: j, view: v, records: make(chan publication, published), spares: make(chan []byte, published)}
}

// put hands over what a batch did. It waits while the publisher is too far behind.
func (p *publisher) put(index uint64, out *shard.Output) {
	if out.Count == 0 {
		return
	}
	var buf []byte
	select {
	case buf = <-p.spares:
	default:
	}
	p.send(publication{
		record: journal.Record{Index: index, Time: int64(out.Time), FirstSeq: uint64(out.FirstSeq), Count: uint32(out.Count),
			Events: append(buf[:0], out.Events...)},
		since: time.Now(),
	})
}

func (p *publisher) send(pub publication) {
	if m := p.r.manual; m != nil {
		m.unpublished = append(m.unpublished, pub)
		return
	}
	p.records <- pub
}

// statistics asks for the statistics of the read model once it has seen everything that was handed over before. The
// channel is closed without any if it never will.
func (p *publisher) statistics() <-chan []byte {
	answer := make(chan []byte, 1)
	p.send(publication{then: func(ok bool) {
		if ok {
			answer <- p.view.AppendStatistics(nil)
		}
		close(answer)
	}})
	return answer
}

// copied hands over a record of another replica's journal that is missing here.
func (p *publisher) copied(rec journal.Record) {
	p.send(publication{record: rec, since: time.Now(), copied: true})
}

// replace makes the read model that of another state.
func (p *publisher) replace(v *projection.View) {
	p.send(publication{then: func(ok bool) {
		if ok {
			p.view.Replace(v)
			p.broken = false
		}
	}})
}

// flush waits until everything that was handed over is published, or never will be.
func (p *publisher) flush() {
	done := make(chan struct{})
	p.send(publication{then: func(bool) { close(done) }})
	if m := p.r.manual; m != nil {
		m.Publish()
	}
	<-done
}

func (p *publisher) run() {
	defer p.r.publishing.Done()
	for pub := range p.records {
		p.next(pub)
	}
}

// next publishes what the applier has handed over. After an error it only lets the applier go on to its own end.
func (p *publisher) next(pub publication) {
	switch {
	case pub.then != nil:
		pub.then(!p.failed)
	case !p.failed:
		p.since.Store(pub.since.UnixNano())
		err := p.publish(pub)
		p.since.Store(0)
		if err != nil {
			p.failed = true
			p.r.fail(err)
			return
		}
		select {
		case p.spares <- pub.record.Events:
		default:
		}
	}
}

// publish puts a record at the end of the journal, or compares it with what an earlier run has left there, and then folds it into
// the read model.
func (p *publisher) publish(pub publication) error {
	if err := p.keep(pub.record); err != nil {
		return err
	}
	if pub.copied {
		return nil
	}
	p.fold(pub.record)
	p.r.config.Observe(StagePublish, time.Since(pub.since))
	return nil
}

func (p *publisher) keep(rec journal.Record) error {
	if rec.FirstSeq <= p.journal.Last().Seq {
		return p.journal.Compare(rec)
	}
	if err := p.journal.Append(rec); err != nil {
		return err
	}
	return p.r.vote(rec.Index)
}

// fold brings the read model up to date. An event that it cannot believe ends it: reads that ask for freshness fail from
// then on, orders and cancels go on.
func (p *publisher) fold(rec journal.Record) {
	if p.broken || rec.FirstSeq <= uint64(p.view.Seq()) {
		return
	}
	err := p.view.Apply(exchange.Time(rec.Time), exchange.Seq(rec.FirstSeq), rec.Events, int(rec.Count))
	if err != nil {
		p.broken = true
		p.r.config.Log.Error("the read model does not believe an event and stays as it was", "error", err)
	}
}
