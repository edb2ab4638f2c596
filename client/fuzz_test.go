package client

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
)

// Whatever answers in place of the exchange, a refusal has a code and is judged, and an answer is read or refused.
func FuzzAnswers(f *testing.F) {
	f.Add(422, `{"type":"/docs/errors#insufficient_funds","title":"x","status":422,"code":"insufficient_funds","retry":"change","seq":"7"}`, "3")
	f.Add(502, `<html>bad gateway</html>`, "Wed, 21 Oct 2026 07:28:00 GMT")
	f.Add(200, `{"seq":"9","time":"2026-11-03T21:47:00Z","order":"17","status":"open","filled":0,"fills":[{"price":"0.62","quantity":1}]}`, "-1")
	f.Add(503, `{"code":""}`, "99999999999999999999")
	f.Fuzz(func(t *testing.T, status int, body, after string) {
		pause := retryAfter(after, time.Unix(1_793_742_420, 0))
		if pause < 0 {
			t.Errorf("a pause of %v for %q", pause, after)
		}
		err := refusal(answer{status: status, body: []byte(body), retryAfter: pause})
		var refused *Error
		if !errors.As(err, &refused) || refused.Code == "" || Code(err) != refused.Code || err.Error() == "" {
			t.Errorf("%d %q is %+v", status, body, err)
		}
		if v := judge(err); refused.Seq != 0 && v != final || refused.Seq == 0 && refused.Status == http.StatusTooManyRequests && v != here {
			t.Errorf("%+v is judged %d", refused, v)
		}
		for _, out := range []any{new(api.OrderAnswer), new(api.BatchAnswer), new(api.Portfolio), new(api.MarketInfo), new(api.Fills), new(api.KeyAnswer)} {
			if json.Unmarshal([]byte(body), out) != nil {
				continue
			}
			if _, err := json.Marshal(out); err != nil {
				t.Errorf("%q was read as %+v, which cannot be written: %v", body, out, err)
			}
		}
	})
}
