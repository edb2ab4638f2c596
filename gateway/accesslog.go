package gateway

import (
	"log/slog"

	"github.com/hustings/hustings/api"
)

// shed reports whether a request was turned away without anything having failed. That is counted: a line for each would be a flood
// of its own.
func shed(p *api.Problem) bool {
	return p != nil && (p.Code == api.CodeOverloaded.Code || p.Code == api.CodeNoLeader.Code)
}

// logAccess logs a request that was answered: all of them if the operator wants that, else those that failed here.
// Nothing that the caller wrote is in the line but the path, and the handler of the log quotes it.
func (s *Server) logAccess(c *call, p *api.Problem) {
	failed := c.status >= 500 && !shed(p)
	if !failed && !s.accessLog {
		return
	}
	level := slog.LevelInfo
	if failed {
		level = slog.LevelError
	}
	code := "ok"
	if p != nil {
		code = p.Code
	}
	s.log.LogAttrs(c.r.Context(), level, "request",
		slog.String("route", c.endpoint.Name), slog.String("path", c.r.URL.Path), slog.String("from", c.r.RemoteAddr),
		slog.Uint64("account", uint64(c.who.Account)), slog.Int("status", c.status), slog.String("code", code),
		slog.Uint64("seq", uint64(c.seq)), slog.Duration("took", s.now().Sub(c.started)))
}
