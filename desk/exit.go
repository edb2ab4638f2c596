package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/hustings/hustings/client"
)

// Exit codes of the commands.
const (
	exitUsage    = 1 // wrong usage, or something on this machine
	exitRefused  = 2 // the exchange refused
	exitNoAnswer = 3 // no exchange answered, or it was too busy
	exitNoLogin  = 4 // no key, or one that is not valid
	exitDeclined = 5 // the question was answered with no
)

const exitCodes = `Exit codes: 0 done, 1 wrong usage or something on this machine, 2 refused by the exchange, 3 no answer or too busy,
4 not logged in, 5 declined.`

// Failure is an error of a command with the code that the program ends with.
type Failure struct {
	Err  error
	Code int
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// ExitCode is what the program ends with.
func (f *Failure) ExitCode() int { return f.Code }

func failure(code int, format string, args ...any) error {
	return &Failure{fmt.Errorf(format, args...), code}
}

var errNoLogin = failure(exitNoLogin, "you are not logged in\n  Log in with hustings login NAME, or make an account with hustings register NAME.")

// hints say what to do about a refusal.
var hints = map[string]string{
	"unauthenticated":       "Log in again with hustings login NAME.",
	"login_failed":          "Try again, or make an account with hustings register NAME.",
	"forbidden":             "This key may only read: log in, or use another key.",
	"insufficient_funds":    "hustings portfolio shows what is free; hustings deposit AMOUNT pays money in.",
	"market_not_found":      "hustings markets lists the markets.",
	"outcome_not_found":     "hustings market MARKET lists its outcomes.",
	"order_not_found":       "It may have been filled or cancelled: hustings orders --all shows it.",
	"price_off_tick":        "hustings market MARKET shows the steps of its prices.",
	"market_not_open":       "hustings market MARKET shows what became of it.",
	"post_only_crosses":     "Take a price that does not trade at once, or leave --post-only out.",
	"fill_or_kill_unfilled": "hustings book MARKET shows what is there.",
	"disabled":              "On this exchange the operator pays money in.",
	"name_taken":            "Take another name, or log in with hustings login NAME.",
	"version_mismatch":      "hustings orders shows it as it is now.",
}

// explain turns an error of a call into one that says what to do, with its exit code.
func explain(err error) error {
	var known *Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return failure(exitNoAnswer, "interrupted")
	}
	var refused *client.Error
	if !errors.As(err, &refused) {
		return failure(exitNoAnswer, "%w\n  Is the exchange running? hustings run and hustings demo start one here; --api names another.", err)
	}
	code := exitRefused
	switch {
	case refused.Status == 401:
		code = exitNoLogin
	case refused.Status >= 500 || refused.Status == 429:
		code = exitNoAnswer
	}
	text := fmt.Sprintf("%s (%s)", refused.Detail, refused.Code)
	if hint := hints[refused.Code]; hint != "" {
		text += "\n  " + hint
	}
	if refused.RetryAfter > 0 && code == exitNoAnswer {
		text += fmt.Sprintf("\n  Try again in %v.", refused.RetryAfter)
	}
	return &Failure{refusal{text, refused}, code}
}

// refusal is what the exchange answered, in words for a person.
type refusal struct {
	text string
	err  *client.Error
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.err }
