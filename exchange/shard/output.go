package shard

import "github.com/hustings/hustings/exchange"

// Output is what a batch did. The caller keeps it and passes it in again, so that its buffers are reused: what it
// holds is valid until the next Apply.
type Output struct {
	Time     exchange.Time    // log time of the batch
	FirstSeq exchange.Seq     // of the first event
	Count    int              // events
	Events   []byte           // their frames, see package wire
	Replies  []exchange.Reply // one for each command, in order
}

func (o *Output) begin(now exchange.Time, first exchange.Seq) {
	o.Time, o.FirstSeq, o.Count = now, first, 0
	o.Events, o.Replies = o.Events[:0], o.Replies[:0]
}
