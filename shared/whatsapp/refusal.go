package whatsapp

import (
	"net/http"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// refused reads an answer that is no success (WhatsApp Cloud API, "Error codes"; Graph API, "Handle errors"). What
// WhatsApp explains by a code it has listed was not carried out; all else proves nothing.
func refused(a once.Answer) once.Refusal {
	var answer struct {
		Error struct {
			Code    code `json:"code"`
			Subcode code `json:"error_subcode"`
		} `json:"error"`
	}
	explained := a.Object(&answer)
	e := answer.Error
	r := once.Refusal{Code: int(e.Code)}
	if explained {
		r.Reason = reasonOf(e.Code, e.Subcode)
	}
	if r.Reason == "" {
		r.Reason = statusReason(a.Status, e.Code)
	}
	if r.Reason == once.ReasonThrottle {
		r.Wait = regained(a.Header)
	}
	return r
}

// reasonOf classifies an error by its numbers, "" for those that prove nothing. They mean the same here as in a status
// that comes later.
func reasonOf(c, subcode code) string {
	switch {
	case c == 100 && subcode == 33, c == 33: // our phone number, or the address of the call, is no more
		return once.ReasonPermission
	case c == 12: // what was asked for is no longer there in this version
		return once.ReasonUnsupported
	case c >= 80_000 && c <= 80_099:
		return once.ReasonThrottle
	}
	switch class := (failure{Code: c}).class(); class {
	case mention.FailedTransient, mention.FailedOther:
		return ""
	default:
		return class
	}
}

// statusReason classifies an answer by its status alone, when its code says nothing. A code of passing trouble is a doubt,
// except where the status says that the call was not let in.
func statusReason(status int, c code) string {
	switch {
	case status == http.StatusTooManyRequests:
		return once.ReasonThrottle
	case (failure{Code: c}).class() == mention.FailedTransient:
		return once.ReasonUnknown
	case status == http.StatusUnauthorized:
		return once.ReasonAuth
	case status == http.StatusNotFound:
		return once.ReasonPermission // no such phone number for us
	}
	return once.ReasonUnknown
}
