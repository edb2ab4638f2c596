package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/hustings/hustings/api/reference"
)

// addDocs adds the reference of the API, for people and for programs. It shows nothing of this exchange.
func addDocs(mux *http.ServeMux) error {
	pages, err := reference.Pages()
	if err != nil {
		return err
	}
	for i := range pages {
		page := &pages[i]
		mux.HandleFunc("GET "+page.Path, func(w http.ResponseWriter, r *http.Request) { servePage(w, r, page) })
	}
	return nil
}

func servePage(w http.ResponseWriter, r *http.Request, page *reference.Page) {
	h := w.Header()
	h["Etag"], h["Cache-Control"], h["X-Content-Type-Options"] = []string{page.ETag}, askFirst, noSniff
	h.Set("Vary", "Accept-Encoding")
	if tagMatches(r.Header["If-None-Match"], page.ETag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", page.ContentType)
	h.Set("Content-Security-Policy", reference.Policy)
	h.Set("Referrer-Policy", "no-referrer")
	body := page.Body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = page.Gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the caller has gone if this fails
}
