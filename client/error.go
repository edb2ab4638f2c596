package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
)

// Error is a refusal by the exchange or its gateway. Decide by its Code.
type Error struct {
	api.Problem
	RetryAfter time.Duration // how long the exchange asks to wait before another try; 0: it does not say
}

func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s (%d, %s): %s", e.Code, e.Status, e.Field, e.Detail)
	}
	return fmt.Sprintf("%s (%d): %s", e.Code, e.Status, e.Detail)
}

// Code returns the stable code of a refusal, such as "insufficient_funds", or "" if err is not one.
func Code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
