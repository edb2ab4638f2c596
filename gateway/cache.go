package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/hustings/hustings/api"
)

// Public reads may be kept by browsers and proxies, which ask before each use whether what they have still holds. They ask with
// an entity tag, and the tag is made of the answer itself: so it is the same at every node and over any shards, and an answer that
// differs has another one, whatever the node that made it had seen.

// askFirst has caches ask before each use.
var askFirst = []string{"public, no-cache"}

// tagBytes of a SHA-256 are in an entity tag: too many for anybody to find two answers with the same ones.
const tagBytes = 15

// unchanged sets the headers of a public read, and answers 304 and returns true if the caller has this answer already.
func (c *call) unchanged(h http.Header) bool {
	tag := entityTag(c.etag, c.out.Bytes())
	h["Etag"], h["Cache-Control"] = []string{tag}, askFirst
	if !tagMatches(c.r.Header["If-None-Match"], tag) {
		return false
	}
	c.status = http.StatusNotModified
	c.out.Reset()
	c.write(h)
	return true
}

// entityTag is the tag of an answer: of its version, if it has one, and its content. It is a weak one, for it leaves out up
// to where the read model was: that changes with whatever happens anywhere on the exchange.
func entityTag(version uint32, body []byte) string {
	sum := sha256.Sum256(withoutSeq(body))
	tag := append(make([]byte, 0, 40), `W/"`...)
	if version != 0 {
		tag = append(strconv.AppendUint(tag, uint64(version), 10), '-')
	}
	tag = base64.RawURLEncoding.AppendEncode(tag, sum[:tagBytes])
	return string(append(tag, '"'))
}

// withoutSeq cuts the seq of the read model off an answer, which has it as its last field.
func withoutSeq(body []byte) []byte {
	const field = `,"seq":"`
	at := bytes.LastIndex(body, []byte(field))
	if at < 0 {
		return body
	}
	digits, closed := bytes.CutSuffix(body[at+len(field):], []byte(`"}`))
	for _, c := range digits {
		closed = closed && '0' <= c && c <= '9'
	}
	if !closed {
		return body
	}
	return body[:at]
}

// tagMatches reports whether If-None-Match names a tag, or any.
func tagMatches(given []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, line := range given {
		for one := range strings.SplitSeq(line, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == opaque {
				return true
			}
		}
	}
	return false
}

// tagVersion reads the version that an entity tag of this API begins with.
func tagVersion(tag string) (version uint32, ok bool) {
	quoted := strings.TrimPrefix(tag, "W/")
	if len(quoted) < 3 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return 0, false
	}
	digits, hash, hashed := strings.Cut(quoted[1:len(quoted)-1], "-")
	id, err := api.ParseID(digits)
	if err != nil || id > 1<<32-1 || hashed && len(hash) != base64.RawURLEncoding.EncodedLen(tagBytes) {
		return 0, false
	}
	return uint32(id), true
}
