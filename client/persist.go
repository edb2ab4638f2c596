package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
)

// persist sends a request until there is an answer that another try could not better. All tries carry the same key, so
// that the exchange does it once.
func (c *Client) persist(ctx context.Context, r *Request) ([]byte, error) {
	backoff := c.options.Backoff
	for try := 1; ; try++ {
		at := c.current.Load()
		a, err := c.pool(at).once(ctx, c.credential, r)
		if err == nil {
			if a.status < 300 {
				return a.body, nil
			}
			err = refusal(a)
		}
		v := judge(err)
		if v == final || try >= c.options.Tries || ctx.Err() != nil {
			return nil, err
		}
		if v == elsewhere {
			c.current.CompareAndSwap(at, at+1)
			if try%len(c.pools) != 0 {
				continue // an address that was not asked yet
			}
		}
		pause := max(jittered(backoff), a.retryAfter)
		if pause > c.options.PauseMax {
			return nil, err
		}
		backoff = min(2*backoff, c.options.PauseMax)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// verdict says what to do after a try that failed.
type verdict uint8

const (
	final     verdict = iota // it is answered
	here                     // the same address may answer otherwise later
	elsewhere                // another address may
)

// judge decides. Whatever the exchange has recorded, it will say again.
func judge(err error) verdict {
	var refused *Error
	switch {
	case !errors.As(err, &refused):
		return elsewhere
	case refused.Seq != 0:
		return final
	case refused.Status == http.StatusTooManyRequests:
		return here
	case refused.Status >= 500:
		return elsewhere
	}
	return final
}

// jittered shortens a pause by up to a half, so that clients that failed together do not come back together.
func jittered(pause time.Duration) time.Duration { return pause - rand.N(pause/2+1) }

func refusal(a answer) error {
	e := Refusal(a.status, a.body)
	e.RetryAfter = a.retryAfter
	return e
}

// Refusal reads why something was refused. An answer that is not one of this API, such as that of a proxy, has its status only.
func Refusal(status int, body []byte) *Error {
	e := new(Error)
	if err := json.Unmarshal(body, &e.Problem); err != nil || e.Code == "" {
		e.Problem = api.Problem{Status: status, Code: "http_" + strconv.Itoa(status), Detail: "The answer is not one of this API."}
	}
	return e
}

// retryAfter reads the header of that name, seconds or a date. What cannot be read asks for nothing.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
