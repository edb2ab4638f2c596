package reference

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"sync"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/api/openapi"
)

// Page is one file. All of them are read only.
type Page struct {
	Path        string
	ContentType string
	Body        []byte
	Gzipped     []byte
	ETag        string // of the content, whichever form it is sent in
}

// Policy is the Content-Security-Policy of the pages: nothing of them comes from elsewhere, and nobody may put them into a frame.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed files
var files embed.FS

// Pages returns all files. They are made once.
var Pages = sync.OnceValues(makePages)

func makePages() ([]Page, error) {
	d, err := openapi.New()
	if err != nil {
		return nil, err
	}
	description, err := d.JSON()
	if err != nil {
		return nil, err
	}
	templates, err := template.New("").ParseFS(files, "files/*.html")
	if err != nil {
		return nil, err
	}
	routes, err := render(templates, "routes.html", describe(d))
	if err != nil {
		return nil, err
	}
	errors, err := render(templates, "errors.html", api.Catalogue())
	if err != nil {
		return nil, err
	}
	const html = "text/html; charset=utf-8"
	pages := []Page{
		{Path: api.PathOpenAPI, ContentType: "application/json", Body: description},
		{Path: api.PathDocs, ContentType: html, Body: routes},
		{Path: api.PathErrors, ContentType: html, Body: errors},
	}
	for _, f := range []struct{ name, contentType string }{
		{"style.css", "text/css; charset=utf-8"}, {"search.js", "text/javascript; charset=utf-8"}, {"icon.svg", "image/svg+xml"},
	} {
		body, err := files.ReadFile("files/" + f.name)
		if err != nil {
			return nil, err
		}
		pages = append(pages, Page{Path: api.PathDocs + "/" + f.name, ContentType: f.contentType, Body: body})
	}
	for i := range pages {
		if err := pages[i].complete(); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func render(templates *template.Template, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("writing the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// complete adds what follows from the content.
func (p *Page) complete() error {
	sum := sha256.Sum256(p.Body)
	p.ETag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(p.Body); err != nil {
		return err
	}
	err := z.Close()
	p.Gzipped = b.Bytes()
	return err
}
