package feed

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
)

// Operation is something that a client may ask for.
type Operation struct {
	Name   string
	Fields []string // that it may have beside op and id
	Need   api.Need // of the connection's credential; that of Route, where there is one
	Route  string   // the route of the HTTP API that it is, by name; "": none

	do    func(*conn, *request) *api.Problem
	route api.Route
}

// operations are all that there are.
var operations = withRoutes([]Operation{
	{Name: "subscribe", Fields: []string{"channels", "markets", "all", "conflate_ms", "resume", "min_seq"}, do: (*conn).subscribe}, // account needs a credential
	{Name: "unsubscribe", Fields: []string{"channels", "markets", "all"}, do: (*conn).unsubscribe},
	{Name: "retransmit", Fields: []string{"market", "channel", "after", "up_to"}, do: (*conn).retransmit},
	{Name: "auth", Fields: []string{"secret"}, do: (*conn).authenticate},
	{Name: "place", Fields: []string{"market", "body", "key"}, Route: "placeOrder"},
	{Name: "amend", Fields: []string{"market", "order", "body", "key", "if_match"}, Route: "amendOrder"},
	{Name: "cancel", Fields: []string{"market", "order", "key"}, Route: "cancelOrder"},
	{Name: "batch", Fields: []string{"body", "key"}, Route: "batch"},
	{Name: "cancel_all", Fields: []string{"market", "group", "key"}, Route: "cancelOrders"},
	{Name: "dead_mans_switch", Fields: []string{"body", "key"}, Route: "setDeadMansSwitch"},
	{Name: "cancel_on_disconnect", Fields: []string{"enabled"}, Need: api.NeedTrade, do: (*conn).setCancelAtEnd},
	{Name: "ping", do: func(c *conn, r *request) *api.Problem { c.say(`{"type":"pong"`, r.ID); return nil }},
})

// withRoutes has the operations that are routes of the HTTP API carried out as these.
func withRoutes(all []Operation) []Operation {
	for _, route := range api.Routes() {
		for i := range all {
			if o := &all[i]; o.Route == route.Name {
				o.Need, o.route = route.Need, route
				o.do = func(c *conn, r *request) *api.Problem { return c.trade(r, &o.route) }
			}
		}
	}
	return all
}

// Operations returns all that a client may ask for. Nobody may write to it.
func Operations() []Operation { return operations }

// operate does what a request asks for, or has it done.
func (c *conn) operate(r *request, text []byte) *api.Problem {
	for i := range operations {
		o := &operations[i]
		if o.Name != r.Op {
			continue
		}
		if p := o.check(text); p != nil {
			return p
		}
		if o.Need != api.NeedNothing && c.desk.who.Account == 0 {
			return api.CodeUnauthenticated.Problem("", `Send {"op":"auth","secret":"pm_…"} first, or connect with Authorization: Bearer pm_…`)
		}
		return o.do(c, r)
	}
	names := make([]string, len(operations))
	for i := range operations {
		names[i] = operations[i].Name
	}
	return api.CodeInvalidField.Problem("op", "op is one of "+strings.Join(names, ", ")+".")
}

// check refuses fields of other operations, and null, which looks as if a field had been left out: who cancels all orders but one
// that a program did not know has something else in mind. The text has been read as a request.
func (o *Operation) check(text []byte) *api.Problem {
	d := jsontext.NewDecoder(bytes.NewBuffer(text))
	if _, err := d.ReadToken(); err != nil {
		return malformed(err)
	}
	for d.PeekKind() != jsontext.KindEndObject {
		token, err := d.ReadToken()
		if err != nil {
			return malformed(err)
		}
		name := token.String()
		switch {
		case name != "op" && name != "id" && !slices.Contains(o.Fields, name):
			return api.CodeUnknownField.Problem(name, "The operation "+o.Name+" has no such field.")
		case name == "body" && d.PeekKind() != jsontext.KindNull:
			err = d.SkipValue() // who carries it out looks for himself
		default:
			err = skipValue(d)
		}
		if errors.Is(err, errNull) {
			return api.CodeInvalidField.Problem(name, "Leave the field out, rather than send null.")
		}
		if err != nil {
			return malformed(err)
		}
	}
	return nil
}

var errNull = errors.New("null")

// skipValue passes over a value that has no null in it.
func skipValue(d *jsontext.Decoder) error {
	for depth := d.StackDepth(); ; {
		switch token, err := d.ReadToken(); {
		case err != nil:
			return err
		case token.Kind() == jsontext.KindNull:
			return errNull
		case d.StackDepth() == depth:
			return nil
		}
	}
}
