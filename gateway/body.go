package gateway

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/hustings/hustings/api"
)

// readBody reads the whole body into buf and returns it. It is bounded, never compressed, and JSON by its own account.
func readBody(r *http.Request, buf []byte) ([]byte, *api.Problem) {
	buf = buf[:0]
	if r.ContentLength == 0 {
		return buf, nil
	}
	if r.ContentLength > api.MaxBody {
		return buf, api.CodeBodyTooLarge.Problem("", "")
	}
	if p := checkMediaType(r.Header); p != nil {
		return buf, p
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):min(cap(buf), api.MaxBody+1)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > api.MaxBody:
			return buf, api.CodeBodyTooLarge.Problem("", "")
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, api.CodeMalformedJSON.Problem("", "The body ended before it was whole.")
		case r.ContentLength == int64(len(buf)):
			return buf, nil
		}
	}
}

func checkMediaType(h http.Header) *api.Problem {
	if enc := h["Content-Encoding"]; len(enc) > 0 {
		return api.CodeMediaType.Problem("Content-Encoding", "")
	}
	given := h["Content-Type"]
	if len(given) == 1 && given[0] == "application/json" {
		return nil
	}
	if len(given) == 1 {
		kind, params, err := mime.ParseMediaType(given[0])
		charset, has := params["charset"]
		rest := len(params)
		if has && strings.EqualFold(charset, "utf-8") {
			rest--
		}
		if err == nil && kind == "application/json" && rest == 0 {
			return nil
		}
	}
	return api.CodeMediaType.Problem("Content-Type", "")
}
