// Package notify sends e-mail to our own people through Amazon SES.
//
// SES knows no idempotency key and cannot be asked afterwards, so Send makes at most one call and says plainly whether
// the letter may have left: Transient means surely not, Uncertain perhaps.
package notify

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
)

// timeout leaves the function time to record an outcome that never came.
const timeout = 10 * time.Second

// charset: without it SES takes letters for 7-bit ASCII.
const charset = "UTF-8"

// API is what Mailer needs of the SDK's client.
type API interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Notice is one letter in plain text to everybody in To, 50 addresses at most.
type Notice struct {
	To      []string
	Subject string
	Text    string
}

// Mailer sends letters from one address. It may be shared.
type Mailer struct {
	api  API
	from string
	http aws.HTTPClient
}

// New makes a Mailer on the SDK's client; from is a bare address that SES has verified, itself or by its domain.
func New(api API, from string) *Mailer {
	// Between two letters a function sleeps, and wakes with connections that the other side closed long ago. On a
	// connection of its own a letter cannot get lost in one.
	own := awshttp.NewBuildableClient().WithTimeout(timeout).WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	return &Mailer{api: api, from: from, http: own}
}

// Send sends one letter with at most one request. Kinds: Transient when it surely did not leave and may do so later
// (no connection, throttled, sending paused, a missing permission); Permanent when SES will never take it (an address or
// sender it rejects, no sender); Uncertain for everything else. No error carries an address.
func (m *Mailer) Send(ctx context.Context, n Notice) error {
	const op = "notify.Send"
	if m.from == "" || len(n.To) == 0 {
		return fault.New(fault.Permanent, op, errors.New("a letter without sender or recipients"))
	}
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	_, err := m.api.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.from),
		Destination:      &types.Destination{ToAddresses: n.To},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String(n.Subject), Charset: aws.String(charset)},
			Body:    &types.Body{Text: &types.Content{Data: aws.String(n.Text), Charset: aws.String(charset)}},
		}},
	}, func(o *sesv2.Options) {
		o.Retryer = aws.NopRetryer{} // the SDK's own would send again after an answer that got lost
		o.HTTPClient = m.http
	})
	switch {
	case err == nil:
		return nil
	case !connected.Load():
		return fault.New(fault.Transient, op, because("no connection", err))
	default:
		return refusal(op, err)
	}
}

// refusal gives the fault of a call that reached SES. Its words are dropped: they quote addresses.
func refusal(op string, err error) error {
	var answer *awshttp.ResponseError
	var api smithy.APIError
	if !errors.As(err, &answer) || !errors.As(err, &api) {
		return fault.New(fault.Uncertain, op, because("no answer", err))
	}
	status := answer.HTTPStatusCode()
	why := errors.New(strconv.Itoa(status) + " " + api.ErrorCode())
	switch api.ErrorCode() {
	case "TooManyRequestsException", "LimitExceededException", "SendingPausedException", "ThrottlingException", "Throttling":
		return fault.New(fault.Transient, op, why)
	}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests:
		return fault.New(fault.Transient, op, why) // an operator can mend a permission; the letter is good
	case status >= 400 && status <= 499:
		return fault.New(fault.Permanent, op, why)
	default:
		return fault.New(fault.Uncertain, op, why)
	}
}

// because says what is missing and, as far as it can be told without quoting anybody, why.
func because(what string, err error) error {
	var slow interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New(what + ": canceled")
	case errors.As(err, &slow) && slow.Timeout():
		return errors.New(what + ": timeout")
	default:
		return errors.New(what)
	}
}
