package once

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keys are what a network gives to an application that a person let in (RFC 6749, 5.1). Lasts and RefreshLasts are how long
// the two keys are good from now on, 0 where the network does not say. They are never printed.
type Keys struct {
	Access       string
	Refresh      string
	Lasts        time.Duration
	RefreshLasts time.Duration
	Scopes       []string
}

// String keeps the keys out of everything that prints.
func (Keys) String() string { return "Keys{…}" }

// GoString is String for %#v.
func (Keys) GoString() string { return "Keys{…}" }

// longestKey bounds how long a key may be said to last.
const longestKey = 10 * 366 * 24 * time.Hour

// Keys reads a success of a network's token address; false for anything that holds no usable key.
func (a Answer) Keys() (Keys, bool) {
	var body struct {
		Access       any `json:"access_token"`
		Refresh      any `json:"refresh_token"`
		Lasts        any `json:"expires_in"`
		RefreshLasts any `json:"refresh_token_expires_in"`
		Scope        any `json:"scope"`
		Kind         any `json:"token_type"`
	}
	if !a.Object(&body) {
		return Keys{}, false
	}
	k := Keys{Lasts: lasting(body.Lasts), RefreshLasts: lasting(body.RefreshLasts)}
	k.Access, _ = body.Access.(string)
	k.Refresh, _ = body.Refresh.(string)
	scope, _ := body.Scope.(string)
	kind, _ := body.Kind.(string)
	// The networks separate scopes by spaces, as the standard says, and by commas.
	k.Scopes = strings.FieldsFunc(scope, func(r rune) bool { return r == ' ' || r == ',' })
	slices.Sort(k.Scopes)
	k.Scopes = slices.Compact(k.Scopes)
	switch {
	case kind != "" && !strings.EqualFold(kind, "bearer"):
		return Keys{}, false
	case !keyLike(k.Access) || k.Refresh != "" && !keyLike(k.Refresh):
		return Keys{}, false
	}
	return k, true
}

// keyLike reports what can stand in a header.
func keyLike(text string) bool {
	return text != "" && len(text) <= maxKey && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// maxKey is the longest key taken, in bytes; LinkedIn says that its keys may have a thousand.
const maxKey = 8 << 10

// lasting reads a number of seconds, written as one or in a string.
func lasting(value any) time.Duration {
	seconds := 0.0
	switch v := value.(type) {
	case float64:
		seconds = v
	case string:
		seconds, _ = strconv.ParseFloat(v, 64) // no number is none
	}
	if seconds <= 0 || math.IsNaN(seconds) {
		return 0
	}
	return time.Duration(min(seconds, longestKey.Seconds())) * time.Second
}

// RefusedKeys reads a refusal of a network's token address (RFC 6749, 5.2): the person has to let us in again, or what our
// application says of itself is wrong.
func RefusedKeys(a Answer) Refusal {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	_ = a.Object(&body) // what is no object explains nothing
	said := strings.Trim(string(body.Error), `"`)
	switch {
	case a.Status == http.StatusTooManyRequests:
		return Refusal{Reason: ReasonThrottle}
	case said == "invalid_client", said == "unauthorized_client", said == "unsupported_grant_type", said == "invalid_scope":
		return Refusal{Reason: ReasonCredentials}
	case a.Status == http.StatusUnauthorized, said != "" && a.Status == http.StatusBadRequest:
		return Refusal{Reason: ReasonAuth}
	case said == "access_denied", said == "invalid_grant":
		return Refusal{Reason: ReasonAuth}
	}
	return Refusal{}
}
