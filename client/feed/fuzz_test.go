package feed

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// FuzzReceive has anything come from what says that it is an exchange, a line a message: it is taken in or refused, books that are passed
// on have the checksum that came with them, and no chain goes back.
func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"type":"image","market":"7","epoch":0,"seq":"40","time":"2026-11-03T21:47:00.000000000Z","checksum":2678723434,"books":[{"outcome":"yes","bids":[{"price":"0.6200","quantity":150},{"price":"0.6150","quantity":40}],"asks":[{"price":"0.6300","quantity":25}]}]}
{"type":"delta","market":"7","epoch":0,"seq":"44","time":"2026-11-03T21:47:00.012000000Z","prev":"40","checksum":865621031,"changes":[{"book":0,"side":"buy","price":"0.6200","quantity":0},{"book":0,"side":"buy","price":"0.6250","quantity":10}]}`))
	f.Add([]byte(`{"type":"error","problem":{"code":"unauthenticated"}}` + "\n" + `{"type":"account","number":1,"cash":"1","held":"0","orders":[{}]}` + "\n" + `{"type":"ack"}`))
	f.Add([]byte(`{"type":"chain","market":"7","epoch":0,"seq":"40","channel":"trades"}` + "\n" + `{"type":"trades","market":"7","epoch":0,"seq":"44","prev":"40","trades":[{"book":3,"seq":"42","price":"1.5","quantity":1}]}`))
	f.Add([]byte(`{"type":"fill","fill":null}` + "\n" + `{"type":"order","order":[]}` + "\n" + `{"type":"balance","cash":"-1"}` + "\nnull"))
	f.Fuzz(func(t *testing.T, text []byte) {
		feed := &Feed{places: map[chain]message.Point{}, books: map[exchange.MarketID]*message.Books{}}
		for line := range bytes.Lines(text) {
			m, err := parse(line)
			if err != nil {
				var refused *client.Error
				if !errors.Is(err, message.ErrMalformed) && !errors.As(err, &refused) {
					t.Errorf("%q: %v", line, err)
				}
				continue
			}
			if m == nil {
				continue
			}
			before := map[chain]message.Point{}
			for c, p := range feed.places {
				before[c] = p
			}
			passed, err := feed.take(m)
			switch passed := passed.(type) {
			case *message.Delta:
				for c, p := range before {
					if c.market == passed.Market && c.channel == message.Book && passed.Point.Before(p) {
						t.Errorf("a book goes from %v back to %v", p, passed.Point)
					}
				}
				if b := feed.books[passed.Market]; err == nil && (b == nil || b.Checksum() != passed.Checksum) {
					t.Errorf("a book is passed on that is not the exchange's: %q", line)
				}
			case *message.Image:
				if b := feed.books[passed.Market]; err == nil && (b == nil || b.Checksum() != passed.Checksum) {
					t.Errorf("a book is passed on that is not the exchange's: %q", line)
				}
			}
		}
	})
}

// Whatever refuses a connection, it is said why.
func FuzzRefusal(f *testing.F) {
	f.Add(401, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 26\r\n\r\n{\"code\":\"unauthenticated\"}")
	f.Add(400, "HTTP/1.1 400\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")
	f.Add(502, "\x00")
	f.Fuzz(func(t *testing.T, status int, answer string) {
		if err := refusal(status, strings.NewReader(answer)); client.Code(err) == "" {
			t.Errorf("%q is %v", answer, err)
		}
	})
}
