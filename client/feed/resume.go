package feed

import (
	"slices"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// request asks for what is wanted from its beginning.
func (w *wish) request() *request {
	r := &request{Op: "subscribe", Markets: w.Markets, All: w.All, ConflateMS: w.Conflate.Milliseconds(), MinSeq: w.MinSeq}
	for _, channel := range w.Channels {
		r.Channels = append(r.Channels, channel.String())
	}
	if w.Account {
		r.Channels = append(r.Channels, "account")
	}
	return r
}

// subscribe asks for what is wanted.
func (c *conn) subscribe(w *wish, r *request) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	return c.send(text, w.id)
}

// resume asks for what is wanted; where places are known, for what came after them. The node is to have seen the newest of what
// another one has told of. A Seq is of one shard, so that holds for the last of several: what lags on another goes on when it comes.
func (f *Feed) resume(w *wish) *request {
	r := w.request()
	if w.Account {
		r.MinSeq = max(r.MinSeq, api.ID(f.own))
	}
	for _, channel := range w.Channels {
		for _, market := range w.Markets {
			p, known := f.places[chain{exchange.MarketID(market), channel}]
			if !known {
				continue
			}
			r.MinSeq = max(r.MinSeq, api.ID(p.Seq))
			if channel <= message.Trade { // the others begin with all there is to know
				r.Resume = append(r.Resume, place{market, channel.String(), p.Epoch, api.ID(p.Seq)})
			}
		}
	}
	for key, p := range f.places {
		if w.All && slices.Contains(w.Channels, key.channel) {
			r.MinSeq = max(r.MinSeq, api.ID(p.Seq))
		}
	}
	return r
}
