package feed

import (
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gobwas/ws"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// request is what a client may ask for: an operation and what it needs.
type request struct {
	ID string `json:"id"`
	Op string `json:"op"`

	Channels   []string       `json:"channels"`
	Markets    []api.ID       `json:"markets"`
	All        bool           `json:"all"`
	ConflateMS uint32         `json:"conflate_ms"`
	Resume     []place        `json:"resume"`
	MinSeq     api.ID         `json:"min_seq"`
	Market     api.ID         `json:"market"`
	Order      api.ID         `json:"order"`
	Group      api.ID         `json:"group"`
	Channel    string         `json:"channel"`
	After      *point         `json:"after"`
	UpTo       *point         `json:"up_to"`
	Secret     string         `json:"secret"`
	Key        string         `json:"key"`
	IfMatch    string         `json:"if_match"`
	Enabled    *bool          `json:"enabled"`
	Body       jsontext.Value `json:"body"`
}

// point is a message.Point as clients write it.
type point struct {
	Epoch uint32 `json:"epoch"`
	Seq   api.ID `json:"seq"`
}

func (p *point) point() message.Point {
	return message.Point{Epoch: p.Epoch, Seq: exchange.Seq(p.Seq)}
}

// place is the newest message that a client has of a chain.
type place struct {
	Market  api.ID `json:"market"`
	Channel string `json:"channel"`
	point
}

// maxID is the greatest length of the id with which a client marks a request.
const maxID = 64

// Words for channels beside those of markets.
const accountChannel = "account"

// classes are the intervals, in milliseconds, at which messages may be asked for.
var classes = []uint32{0, 50, 100, 250, 500, 1_000, 2_000, 5_000}

// request works on a message of the client.
func (c *conn) request(b []byte) {
	var r request
	if err := json.Unmarshal(b, &r, json.RejectUnknownMembers(true)); err != nil {
		c.problem("", malformed(err))
		return
	}
	if len(r.ID) > maxID {
		c.problem("", api.CodeInvalidField.Problem("id", "An id has at most 64 bytes."))
		return
	}
	if p := c.operate(&r, b); p != nil {
		c.problem(r.ID, p)
	}
}

// malformed says what is wrong with a request that could not be read.
func malformed(err error) *api.Problem {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName) {
		return api.CodeDuplicateField.Problem(syntax.JSONPointer.LastToken(), "")
	}
	var meaning *json.SemanticError
	if errors.As(err, &meaning) && meaning.JSONPointer != "" {
		field := meaning.JSONPointer.LastToken()
		if errors.Is(err, json.ErrUnknownName) {
			return api.CodeUnknownField.Problem(field, "The feed has no such field. Names are case-sensitive.")
		}
		return api.CodeInvalidField.Problem(field, "The field has another type or spelling than it may have: see docs/formats/feed.md.")
	}
	return api.CodeMalformedJSON.Problem("", "Send one JSON object as docs/formats/feed.md has them: "+err.Error())
}

func (c *conn) subscribe(r *request) *api.Problem {
	w, p := r.wanted()
	if p == nil {
		p = c.feed.config.Wait(c.feed.life, exchange.Seq(r.MinSeq))
	}
	if p == nil {
		c.feed.tasks.put(func() { c.feed.subscribe(c, r, w) })
	}
	return p
}

func (c *conn) unsubscribe(r *request) *api.Problem {
	w, p := r.wanted()
	if p == nil {
		c.feed.tasks.put(func() { c.feed.unsubscribe(c, r, w) })
	}
	return p
}

func (c *conn) retransmit(r *request) *api.Problem {
	channel, ok := message.ParseChannel(r.Channel)
	if !ok || channel > message.Trade || r.After == nil {
		return api.CodeInvalidField.Problem("channel", "Name a market, the channel book or trades, and after which point.")
	}
	c.feed.tasks.put(func() { c.feed.retransmit(c, r, channel) })
	return nil
}

// wanted is what a subscription is about.
type wanted struct {
	channels []message.Channel
	account  bool
	class    time.Duration
	resume   map[subscriptionKey]message.Point
}

func (r *request) wanted() (w wanted, p *api.Problem) {
	for _, word := range r.Channels {
		if word == accountChannel {
			w.account = true
			continue
		}
		channel, ok := message.ParseChannel(word)
		if !ok {
			return w, api.CodeInvalidField.Problem("channels", "channels are book, trades, ticker, status and account.")
		}
		w.channels = append(w.channels, channel)
	}
	switch {
	case len(r.Channels) == 0:
		return w, api.CodeMissingField.Problem("channels", "Name at least one channel: book, trades, ticker, status or account.")
	case len(w.channels) > 0 && !r.All && len(r.Markets) == 0:
		return w, api.CodeMissingField.Problem("markets", `Name markets, or send "all":true.`)
	}
	found := false
	for _, ms := range classes {
		found = found || ms == r.ConflateMS
	}
	if !found {
		return w, api.CodeInvalidField.Problem("conflate_ms", "conflate_ms is 0, 50, 100, 250, 500, 1000, 2000 or 5000.")
	}
	w.class = time.Duration(r.ConflateMS) * time.Millisecond
	if len(r.Resume) > 0 {
		w.resume = make(map[subscriptionKey]message.Point, len(r.Resume))
	}
	for i := range r.Resume {
		channel, ok := message.ParseChannel(r.Resume[i].Channel)
		if !ok || channel > message.Trade {
			return w, api.CodeInvalidField.Problem("resume", "The channels book and trades can be resumed.")
		}
		market, ok := marketID(r.Resume[i].Market)
		if !ok {
			return w, api.RejectProblem(exchange.RejectMarketNotFound, 0, "resume")
		}
		w.resume[subscriptionKey{market, channel}] = r.Resume[i].point.point()
	}
	return w, nil
}

// say answers with a message that needs no more than the request's id.
func (c *conn) say(begin, id string) {
	c.answer(frame(ws.OpText, closed(begin, id)))
}

// closed ends a JSON object with the id of a request, if it has one.
func closed(begin, id string) []byte {
	b := []byte(begin)
	if id != "" {
		b = append(b, `,"id":`...)
		b, _ = jsontext.AppendQuote(b, id) // it was read as JSON text
	}
	return append(b, '}')
}

// ack answers that a request was done. Count is of what it is about.
func (c *conn) ack(r *request, count int) {
	c.answer(ackFrame(r, count))
}

func ackFrame(r *request, count int) []byte {
	return frame(ws.OpText, closed(`{"type":"ack","op":"`+r.Op+`","count":`+strconv.Itoa(count), r.ID))
}

// problem answers why a request was not done.
func (c *conn) problem(id string, p *api.Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte("{}")
	}
	c.say(`{"type":"error","problem":`+string(body), id)
}
