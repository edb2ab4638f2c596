package gateway

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
)

// with returns an order's JSON in which fields stand before the usual ones, which they replace.
func with(fields string) string {
	var all []string
	if fields != "" {
		all = append(all, fields)
	}
	for _, f := range []string{`"outcome":"yes"`, `"side":"buy"`, `"price":"0.5"`, `"quantity":1`} {
		name, _, _ := strings.Cut(f, ":")
		if !strings.Contains(fields, name+":") {
			all = append(all, f)
		}
	}
	return "{" + strings.Join(all, ",") + "}"
}

func TestStrictOrders(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	tests := []struct {
		body        string
		status      int
		code, field string
	}{
		// Numbers.
		{with(`"price":"0"`), 422, "price_out_of_range", "price"},
		{with(`"price":"0.0000"`), 422, "price_out_of_range", "price"},
		{with(`"price":"1"`), 422, "price_out_of_range", "price"},
		{with(`"price":"1.0000"`), 422, "price_out_of_range", "price"},
		{with(`"price":"0.00001"`), 400, "invalid_field", "price"},
		{with(`"price":"0.50000"`), 400, "invalid_field", "price"},
		{with(`"price":"-0"`), 400, "invalid_field", "price"},
		{with(`"price":"-0.5"`), 400, "invalid_field", "price"},
		{with(`"price":"+0.5"`), 400, "invalid_field", "price"},
		{with(`"price":"1e-3"`), 400, "invalid_field", "price"},
		{with(`"price":"NaN"`), 400, "invalid_field", "price"},
		{with(`"price":"Infinity"`), 400, "invalid_field", "price"},
		{with(`"price":"０.５"`), 400, "invalid_field", "price"},
		{with(`"price":"0,5"`), 400, "invalid_field", "price"},
		{with(`"price":".5"`), 400, "invalid_field", "price"},
		{with(`"price":"0."`), 400, "invalid_field", "price"},
		{with(`"price":"00.5"`), 400, "invalid_field", "price"},
		{with(`"price":" 0.5"`), 400, "invalid_field", "price"},
		{with(`"price":"0.5\u0000"`), 400, "invalid_field", "price"},
		{with(`"price":"0x1"`), 400, "invalid_field", "price"},
		{with(`"price":""`), 400, "invalid_field", "price"},
		{with(`"price":0.5`), 400, "invalid_field", "price"},
		{with(`"price":null`), 400, "invalid_field", "price"},
		{with(`"price":["0.5"]`), 400, "invalid_field", "price"},
		{with(`"price":"9223372036854775808"`), 422, "price_out_of_range", "price"},
		{with(`"quantity":0`), 422, "quantity_out_of_range", "quantity"},
		{with(`"quantity":1000001`), 422, "quantity_out_of_range", "quantity"},
		{with(`"quantity":4294967297`), 422, "quantity_out_of_range", "quantity"},
		{with(`"quantity":9223372036854775808`), 422, "quantity_out_of_range", "quantity"},
		{with(`"quantity":18446744073709551617`), 422, "quantity_out_of_range", "quantity"},
		{with(`"quantity":-1`), 400, "invalid_field", "quantity"},
		{with(`"quantity":-0`), 400, "invalid_field", "quantity"},
		{with(`"quantity":1.0`), 400, "invalid_field", "quantity"},
		{with(`"quantity":1e3`), 400, "invalid_field", "quantity"},
		{with(`"quantity":"1"`), 400, "invalid_field", "quantity"},
		{with(`"quantity":true`), 400, "invalid_field", "quantity"},
		{with(`"quantity":NaN`), 400, "malformed_json", ""},
		{with(`"quantity":012`), 422, "quantity_out_of_range", "quantity"}, // reads as 0, and garbage follows
		{with(`"quantity":10f`), 400, "malformed_json", ""},
		{with(`"quantity":+1`), 400, "malformed_json", ""},
		{with(`"max_cost":"0"`), 422, "amount_out_of_range", "max_cost"},
		{with(`"max_cost":"-1"`), 400, "invalid_field", "max_cost"},
		{with(`"max_cost":"922337203685477.5808"`), 422, "amount_out_of_range", "max_cost"},
		{with(`"max_cost":"99999999999999999999999"`), 422, "amount_out_of_range", "max_cost"},
		{with(`"group":"0"`), 400, "invalid_field", "group"},
		{with(`"group":1`), 400, "invalid_field", "group"},
		{with(`"group":"4294967296"`), 404, "group_not_found", "group"},
		{with(`"group":"7"`), 404, "group_not_found", "group"},

		// Words, texts and times.
		{with(`"side":"BUY"`), 400, "invalid_field", "side"},
		{with(`"side":"buy "`), 400, "invalid_field", "side"},
		{with(`"side":"b\u0075y\u202e"`), 400, "invalid_field", "side"},
		{with(`"side":0`), 400, "invalid_field", "side"},
		{with(`"outcome":"Yes"`), 422, "outcome_not_found", "outcome"},
		{with(`"outcome":"yes\u0000"`), 422, "outcome_not_found", "outcome"},
		{with(`"type":"stop"`), 400, "invalid_field", "type"},
		{with(`"time_in_force":"day"`), 400, "invalid_field", "time_in_force"},
		{with(`"self_trade":"none"`), 400, "invalid_field", "self_trade"},
		{with(`"post_only":"true"`), 400, "invalid_field", "post_only"},
		{with(`"post_only":1`), 400, "invalid_field", "post_only"},
		{with(`"post_only":null`), 400, "invalid_field", "post_only"},
		{with(`"client_order_id":""`), 400, "invalid_field", "client_order_id"},
		{with(`"client_order_id":"a\nb"`), 400, "invalid_field", "client_order_id"},
		{with(`"client_order_id":"é"`), 400, "invalid_field", "client_order_id"},
		{with(`"client_order_id":"a\u0000"`), 400, "invalid_field", "client_order_id"},
		{with(`"client_order_id":"` + strings.Repeat("x", 65) + `"`), 400, "invalid_field", "client_order_id"},
		{with(`"expires_at":"tomorrow"`), 400, "invalid_field", "expires_at"},
		{with(`"expires_at":1700000000`), 400, "invalid_field", "expires_at"},
		{with(`"expires_at":"2026-01-01T00:00:00"`), 400, "invalid_field", "expires_at"},
		{with(`"expires_at":"2999-01-01T00:00:00Z"`), 400, "invalid_field", "expires_at"},
		{with(`"time_in_force":"gtt","expires_at":"2001-01-01T00:00:00Z"`), 422, "expiry_passed", "expires_at"},
		{with(`"time_in_force":"gtt"`), 422, "options_conflict", ""},
		{with(`"outcome":"` + "\xff\xfe" + `"`), 400, "malformed_json", ""},
		{with(`"outcome":"\ud800"`), 400, "malformed_json", ""},

		// Mass assignment.
		{with(`"account":"1"`), 400, "unknown_field", "account"},
		{with(`"Price":"0.9"`), 400, "unknown_field", "Price"},
		{with(`"QUANTITY":1000`), 400, "unknown_field", "QUANTITY"},
		{with(`"market":"1"`), 400, "unknown_field", "market"},
		{with(`"version":1`), 400, "unknown_field", "version"},
		{with(`"":1`), 400, "unknown_field", ""},
		{with(`"__proto__":{}`), 400, "unknown_field", "__proto__"},
		{with(`"quantity":1,"quantity":2`), 400, "duplicate_field", "quantity"},
		{with(`"quantity":1,"quantit\u0079":2`), 400, "duplicate_field", "quantity"},

		// Bodies.
		{``, 400, "malformed_json", ""},
		{` `, 400, "malformed_json", ""},
		{`null`, 400, "invalid_field", ""},
		{`[]`, 400, "invalid_field", ""},
		{`"x"`, 400, "invalid_field", ""},
		{`{}`, 400, "missing_field", "outcome"},
		{`{"outcome":"yes"}`, 400, "missing_field", "side"},
		{`{"outcome":"yes","side":"buy"}`, 400, "missing_field", "quantity"},
		{`{"outcome":"yes","side":"buy","quantity":1}`, 400, "missing_field", "price"},
		{with("") + with(""), 400, "malformed_json", ""},
		{with("") + "x", 400, "malformed_json", ""},
		{with("") + "\x00", 400, "malformed_json", ""},
		{"\xef\xbb\xbf" + with(""), 400, "malformed_json", ""},
		{strings.TrimSuffix(with(""), "}"), 400, "malformed_json", ""},
		{strings.Replace(with(""), "}", ",}", 1), 400, "malformed_json", ""},
		{strings.ReplaceAll(with(""), `"`, `'`), 400, "malformed_json", ""},
		{"/* */" + with(""), 400, "malformed_json", ""},
		{with(`"group":` + strings.Repeat("[", 20_000)), 400, "invalid_field", "group"},
		{with(`"x":` + strings.Repeat("[", 20_000)), 400, "unknown_field", "x"},
		{with(`"client_order_id":"` + strings.Repeat("x", 70_000) + `"`), 413, "body_too_large", ""},
	}
	for _, test := range tests {
		shown := test.body[:min(len(test.body), 120)]
		t.Run(shown, func(t *testing.T) {
			refused(t, s.tryPlace(ada, m, test.body), test.status, test.code, test.field)
		})
	}
	// What is meant for the exchange to refuse leaves a trace there; the rest never reached it.
	open := want[api.Orders](t, 200, s.get(ada, "/api/orders")).Orders
	if len(open) != 0 {
		t.Errorf("an order got through: %+v", open)
	}
	if got := s.submits.Load(); got != 4+3 { // set-up, and the ones about group 7, a past expiry and a missing one
		t.Errorf("%d submissions", got)
	}
	s.place(ada, m, with(`"expires_at":"2040-01-01T00:00:00.5+01:00","time_in_force":"gtt","post_only":false`))
	s.place(ada, m, "  \r\n\t"+strings.Replace(with(`"side":"b\u0075y"`), "side", `s\u0069de`, 1)+"\n")
}

func TestStrictShapes(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	market := func(fields string) ask {
		return ask{method: "POST", path: "/api/admin/markets", token: adminKey, key: "k", body: `{"question":"Is it strict enough?",` + fields + `}`}
	}
	question := func(q string) ask {
		return ask{method: "POST", path: "/api/admin/markets", token: adminKey, key: "k", body: `{"question":"` + q + `"}`}
	}
	deposit := func(body string) ask {
		return ask{method: "POST", path: "/api/deposits", token: ada.token, key: "k", body: body}
	}
	register := func(body string) ask { return ask{method: "POST", path: "/api/register", body: body} }
	batch := func(body string) ask {
		return ask{method: "POST", path: "/api/orders/batch", token: ada.token, key: "k", body: body}
	}
	order := `{"market":"1","outcome":"yes","side":"buy","price":"0.1","quantity":1}`
	s.market("")
	tests := []struct {
		ask         ask
		status      int
		code, field string
	}{
		{deposit(`{"amount":"0"}`), 422, "amount_out_of_range", "amount"},
		{deposit(`{"amount":"-1"}`), 422, "amount_out_of_range", "amount"},
		{deposit(`{"amount":"-0"}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":"1e9"}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":"1.00001"}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":"900000000000.0000"}`), 422, "amount_out_of_range", "amount"},
		{deposit(`{"amount":"922337203685477.5808"}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":5}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":null}`), 400, "invalid_field", "amount"},
		{deposit(`{"amount":{"amount":"5"}}`), 400, "invalid_field", "amount"},
		{deposit(`{}`), 400, "missing_field", "amount"},
		{deposit(``), 400, "missing_field", ""},
		{deposit(`{"amount":"5","account":"1"}`), 400, "unknown_field", "account"},
		{deposit(`{"amount":"5","Reference":"x"}`), 400, "unknown_field", "Reference"},
		{deposit(`{"amount":"5","amount":"6"}`), 400, "duplicate_field", "amount"},
		{deposit(`{"amount":"5"}{}`), 400, "malformed_json", ""},
		{deposit(`{"amount":"5","reference":"a\u0000b"}`), 400, "invalid_field", "reference"},
		{deposit(`{"amount":"5","reference":"a\nlevel=ERROR"}`), 400, "invalid_field", "reference"},
		{deposit(`{"amount":"5","reference":"` + strings.Repeat("é", 201) + `"}`), 400, "invalid_field", "reference"},
		{deposit(`[{"amount":"5"}]`), 400, "invalid_field", ""},

		{question("Too short"), 400, "invalid_field", "question"},
		{question(strings.Repeat("é", 501)), 400, "invalid_field", "question"},
		{question(`Will it\u0000 rain here?`), 400, "invalid_field", "question"},
		{question(`Will it \u202eniar ereh?`), 400, "invalid_field", "question"},
		{question(`Will it \u200frain here?`), 400, "invalid_field", "question"},
		{question(`Will it \u2066rain here?`), 400, "invalid_field", "question"},
		{question(`Will it \u200brain here?`), 400, "invalid_field", "question"},
		{question(`Will it \ufeffrain here?`), 400, "invalid_field", "question"},
		{question(`Will it \u2028rain here?`), 400, "invalid_field", "question"},
		{question(`Will it\nrain right here?`), 400, "invalid_field", "question"},
		{question(`Will it \u0085rain here?`), 400, "invalid_field", "question"},
		{question("Will it \x80 rain here?"), 400, "malformed_json", ""},
		{question(`             `), 400, "invalid_field", "question"},
		{question(` Will it rain here?`), 400, "invalid_field", "question"},
		{market(`"rules":"a\u0007b"`), 400, "invalid_field", "rules"},
		{market(`"rules":"` + strings.Repeat("x", 10_001) + `"`), 400, "invalid_field", "rules"},
		{market(`"outcomes":["A",""]`), 400, "invalid_field", "outcomes[1]"},
		{market(`"outcomes":["A","` + strings.Repeat("é", 101) + `"]`), 400, "invalid_field", "outcomes[1]"},
		{market(`"outcomes":["A",7]`), 400, "invalid_field", "outcomes[1]"},
		{market(`"outcomes":["A",null]`), 400, "invalid_field", "outcomes[1]"},
		{market(`"outcomes":[]`), 422, "outcomes_invalid", "outcomes"},
		{market(`"outcomes":["A"]`), 422, "outcomes_invalid", ""},
		{market(`"outcomes":["A","A"]`), 422, "idempotency_key_reused", ""},
		{market(`"outcomes":"A"`), 400, "invalid_field", "outcomes"},
		{market(`"taker_fee":"1.1"`), 400, "invalid_field", "taker_fee"},
		{market(`"taker_fee":"-0.1"`), 400, "invalid_field", "taker_fee"},
		{market(`"taker_fee":0.1`), 400, "invalid_field", "taker_fee"},
		{market(`"position_limit":4294967296`), 400, "invalid_field", "position_limit"},
		{market(`"position_limit":1.5`), 400, "invalid_field", "position_limit"},
		{market(`"dispute_window_seconds":-1`), 422, "terms_invalid", "dispute_window_seconds"},
		{market(`"dispute_window_seconds":9223372036854775807`), 422, "terms_invalid", "dispute_window_seconds"},
		{market(`"tick":{"step":"0.01","extra":1}`), 400, "unknown_field", "tick.extra"},
		{market(`"tick":{"step":"0.01","step":"0.001"}`), 400, "duplicate_field", "tick.step"},
		{market(`"tick":[[[[[[[[[[]]]]]]]]]]`), 400, "malformed_json", ""},
		{market(`"state":"settled"`), 400, "unknown_field", "state"},

		{register(`{"name":"Ada","password":"correct horse"}`), 422, "name_invalid", "name"},
		{register(`{"name":"ad","password":"correct horse"}`), 422, "name_invalid", "name"},
		{register(`{"name":"ada ","password":"correct horse"}`), 422, "name_invalid", "name"},
		{register(`{"name":"аda","password":"correct horse"}`), 422, "name_invalid", "name"},
		{register(`{"name":"eve","password":"short"}`), 400, "invalid_field", "password"},
		{register(`{"name":"eve","password":"` + strings.Repeat("x", 129) + `"}`), 400, "invalid_field", "password"},
		{register(`{"name":"eve","password":"correct horse","permissions":["admin"]}`), 400, "unknown_field", "permissions"},
		{register(`{"name":"eve","password":"correct horse","cash":"5"}`), 400, "unknown_field", "cash"},
		{register(`{"name":"eve"}`), 400, "missing_field", "password"},
		{ask{method: "POST", path: "/api/keys", token: ada.token, key: "k", body: `{"permissions":["admin"]}`}, 400, "invalid_field", "permissions"},
		{ask{method: "POST", path: "/api/keys", token: ada.token, key: "k", body: `{"permissions":[]}`}, 400, "invalid_field", "permissions"},
		{ask{method: "POST", path: "/api/groups", token: ada.token, key: "k", body: `{"limit":1,"window_seconds":0}`}, 422, "terms_invalid", "window_seconds"},
		{ask{method: "POST", path: "/api/groups", token: ada.token, key: "k", body: `{"limit":1,"window_seconds":3601}`}, 422, "terms_invalid", "window_seconds"},
		{ask{method: "PUT", path: "/api/dead-mans-switch", token: ada.token, body: `{"timeout_seconds":86401}`}, 422, "terms_invalid", "timeout_seconds"},
		{ask{method: "PUT", path: "/api/dead-mans-switch", token: ada.token, body: `{"timeout_seconds":-1}`}, 422, "terms_invalid", "timeout_seconds"},
		{ask{method: "PUT", path: "/api/admin/accounts/1/limits", token: adminKey, body: `{"max_open_orders":5}`}, 400, "missing_field", "blocked"},
		{ask{method: "POST", path: "/api/admin/markets/1/resolve", token: adminKey, body: `{"values":["1.5"],"source":"x"}`}, 400, "invalid_field", "values[0]"},
		{ask{method: "POST", path: "/api/admin/markets/1/resolve", token: adminKey, body: `{"values":[],"source":"x"}`}, 422, "settlement_values_invalid", "values"},
		{ask{method: "POST", path: "/api/admin/markets/1/suspend", token: adminKey, body: `{"force":true}`}, 400, "unknown_field", "force"},
		{ask{method: "POST", path: "/api/admin/markets/1/suspend", token: adminKey, body: `[]`}, 400, "invalid_field", ""},
		{ask{method: "PATCH", path: "/api/admin/markets/1", token: adminKey, body: `{}`}, 400, "missing_field", "question"},

		{batch(`{}`), 400, "missing_field", "orders"},
		{batch(`{"orders":[]}`), 400, "missing_field", "orders"},
		{batch(`{"orders":{}}`), 400, "invalid_field", "orders"},
		{batch(`{"orders":null}`), 400, "invalid_field", "orders"},
		{batch(`{"orders":[7]}`), 400, "invalid_field", "orders[0]"},
		{batch(`{"orders":[` + order + `,` + strings.Replace(order, "0.1", "1.1", 1) + `]}`), 422, "price_out_of_range", "orders[1].price"},
		{batch(`{"orders":[` + strings.Replace(order, `"1"`, `"9"`, 1) + `]}`), 404, "market_not_found", "orders[0].market"},
		{batch(`{"orders":[` + strings.Replace(order, `"market":"1",`, ``, 1) + `]}`), 400, "missing_field", "orders[0].market"},
		{batch(`{"orders":[` + strings.Replace(order, `{`, `{"side":"sell",`, 1) + `]}`), 400, "duplicate_field", "orders[0].side"},
		{batch(`{"orders":[` + strings.Replace(order, `{`, `{"Side":"sell",`, 1) + `]}`), 400, "unknown_field", "orders[0].Side"},
		{batch(`{"orders":[` + order + `],"orders":[` + order + `]}`), 400, "duplicate_field", "orders"},
		{batch(`{"cancels":[{"market":"1"}]}`), 400, "missing_field", "cancels[0].order"},
		{batch(`{"cancels":[{"market":1,"order":"1"}]}`), 400, "invalid_field", "cancels[0].market"},
		{batch(`{"cancels":[{"market":"1","order":"1","x":1}]}`), 400, "unknown_field", "cancels[0].x"},
		{batch(`{"orders":[` + strings.Repeat(order+",", 100) + order + `]}`), 400, "invalid_field", "orders"},
	}
	for _, test := range tests {
		t.Run(test.ask.path+" "+test.ask.body[:min(len(test.ask.body), 100)], func(t *testing.T) {
			refused(t, s.do(test.ask), test.status, test.code, test.field)
		})
	}
}

func TestStrictEnvelope(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	m := s.market("")
	orders := fmt.Sprintf("/api/markets/%d/orders", m)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(with("")))
	z.Close()
	long := strings.Repeat("k", 65)
	tests := []struct {
		name        string
		ask         ask
		status      int
		code, field string
	}{
		{"no content type", ask{raw: true, body: with("")}, 415, "unsupported_media_type", "Content-Type"},
		{"form", ask{header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: with("")}, 415, "unsupported_media_type", "Content-Type"},
		{"text", ask{header: map[string]string{"Content-Type": "text/plain"}, body: with("")}, 415, "unsupported_media_type", "Content-Type"},
		{"latin", ask{header: map[string]string{"Content-Type": "application/json; charset=latin1"}, body: with("")}, 415, "unsupported_media_type", "Content-Type"},
		{"parameters", ask{header: map[string]string{"Content-Type": "application/json; x=y"}, body: with("")}, 415, "unsupported_media_type", "Content-Type"},
		{"gzip", ask{header: map[string]string{"Content-Encoding": "gzip"}, body: zipped.String()}, 415, "unsupported_media_type", "Content-Encoding"},
		{"identity", ask{header: map[string]string{"Content-Encoding": "identity"}, body: with("")}, 415, "unsupported_media_type", "Content-Encoding"},
		{"long key", ask{key: long, body: with("")}, 400, "idempotency_key_invalid", api.HeaderKey},
		{"empty key", ask{header: map[string]string{api.HeaderKey: ""}, body: with("")}, 400, "idempotency_key_invalid", api.HeaderKey},
		{"key of other letters", ask{key: "clé", body: with("")}, 400, "idempotency_key_invalid", api.HeaderKey},
		{"key with a tab", ask{key: "a\tb", body: with("")}, 400, "idempotency_key_invalid", api.HeaderKey},
		{"condition", ask{key: "k", header: map[string]string{"If-Match": `"1"`}, body: with("")}, 400, "if_match_invalid", "If-Match"},
		{"parameter", ask{path: orders + "?price=0.9", key: "k", body: with("")}, 400, "invalid_query", "price"},
		{"seq of a mutation", ask{path: orders + "?seq=1", key: "k", body: with("")}, 400, "invalid_query", "seq"},
		{"semicolon", ask{path: orders + "?a;b", key: "k", body: with("")}, 400, "invalid_query", ""},
		{"unknown parameter", ask{method: "GET", path: "/api/markets?Limit=5"}, 400, "invalid_query", "Limit"},
		{"parameter twice", ask{method: "GET", path: "/api/markets?limit=5&limit=6"}, 400, "invalid_query", "limit"},
		{"limit 0", ask{method: "GET", path: "/api/markets?limit=0"}, 400, "invalid_query", "limit"},
		{"limit 201", ask{method: "GET", path: "/api/markets?limit=201"}, 400, "invalid_query", "limit"},
		{"limit +5", ask{method: "GET", path: "/api/markets?limit=%2B5"}, 400, "invalid_query", "limit"},
		{"no limit", ask{method: "GET", path: "/api/markets?limit="}, 400, "invalid_query", "limit"},
		{"sort", ask{method: "GET", path: "/api/markets?sort=price"}, 400, "invalid_query", "sort"},
		{"status", ask{method: "GET", path: "/api/markets?status=Open"}, 400, "invalid_query", "status"},
		{"search", ask{method: "GET", path: "/api/markets?q=%ff"}, 400, "invalid_query", "q"},
		{"cursor", ask{method: "GET", path: "/api/markets?cursor=%21%21"}, 400, "invalid_query", "cursor"},
		{"cursor of another list", ask{method: "GET", path: "/api/markets?cursor=AQ"}, 400, "invalid_query", "cursor"},
		{"seq", ask{method: "GET", path: "/api/markets?seq=-1"}, 400, "invalid_query", "seq"},
		{"seq in the header", ask{method: "GET", path: "/api/markets", header: map[string]string{api.HeaderMinSeq: "1e3"}}, 400, "invalid_query", "seq"},
		{"time", ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=now", m)}, 400, "invalid_query", "time"},
		{"no time", ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at", m)}, 400, "invalid_query", "time"},
		{"time to come", ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=2261-01-01T00:00:00Z", m)}, 422, "time_out_of_range", ""},
		{"time before", ask{method: "GET", path: fmt.Sprintf("/api/markets/%d/at?time=2001-01-01T00:00:00Z", m)}, 422, "time_out_of_range", ""},
		{"at without market", ask{method: "GET", path: "/api/positions?at=2026-01-01T00:00:00Z", token: ada.token}, 400, "invalid_query", "market"},
		{"body of a read", ask{method: "GET", path: "/api/markets", body: `{"limit":5}`}, 400, "unknown_field", "limit"},
		{"no path", ask{method: "GET", path: "/api"}, 404, "not_found", ""},
		{"unknown path", ask{method: "GET", path: "/api/secrets"}, 404, "not_found", ""},
		{"end slash", ask{method: "GET", path: "/api/markets/"}, 404, "not_found", ""},
		{"double slash", ask{method: "GET", path: "/api//markets"}, 404, "not_found", ""},
		{"dots", ask{method: "GET", path: "/api/keys/../markets"}, 404, "not_found", ""},
		{"upper case", ask{method: "GET", path: "/api/Markets"}, 404, "not_found", ""},
		{"method", ask{method: "PUT", path: "/api/markets"}, 405, "method_not_allowed", ""},
		{"odd method", ask{method: "BREW", path: orders, body: with("")}, 405, "method_not_allowed", ""},
		{"options", ask{method: "OPTIONS", path: orders}, 405, "method_not_allowed", ""},
		{"admin path in public", ask{method: "POST", path: "/api/admin/../markets", body: "{}"}, 404, "not_found", ""},
	}
	for _, id := range []string{"0", "01", "+1", "-1", "1.0", "one", "%31%00", "99", "4294967297", "18446744073709551617", "1%20", "１"} {
		tests = append(tests, struct {
			name        string
			ask         ask
			status      int
			code, field string
		}{"market " + id, ask{method: "GET", path: "/api/markets/" + id}, 404, "market_not_found", "market"})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := test.ask
			if a.method == "" {
				a.method, a.token = "POST", ada.token
			}
			if a.path == "" {
				a.path = orders
			}
			refused(t, s.do(a), test.status, test.code, test.field)
		})
	}
	if got := s.do(ask{method: "PATCH", path: "/api/keys"}).Header().Get("Allow"); got != "POST, GET, HEAD" {
		t.Errorf("Allow: %s", got)
	}
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", `Application/JSON;charset="UTF-8"`} {
		r := s.do(ask{method: "POST", path: orders, token: ada.token, key: fresh(), body: with(""), header: map[string]string{"Content-Type": kind}})
		if r.Code != http.StatusCreated {
			t.Errorf("%s: %s", kind, r.Body)
		}
	}
}
