package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

const (
	targetPrefix = "AmazonSQS."
	mediaType    = "application/x-amz-json-1.0"
	// bodyLimit bounds a request: 1 MiB of messages, of which each byte may need six as a JSON escape, and the rest.
	bodyLimit = 8 << 20
)

// apiError is an error as SQS's clients know it: shape is its name in the JSON protocol, code its name in the older
// query protocol, which the SDK reports. The message never quotes a body.
type apiError struct {
	shape   string
	code    string
	message string
}

func (e *apiError) Error() string { return "queue: " + e.shape + ": " + e.message }

// badParameter is the answer to a value that SQS would refuse.
func badParameter(format string, args ...any) *apiError {
	return &apiError{shape: "InvalidParameterValueException", code: "InvalidParameterValue", message: fmt.Sprintf(format, args...)}
}

// missing is the answer to a required field that is not there.
func missing(field string) *apiError {
	return &apiError{shape: "MissingRequiredParameterException", code: "MissingParameter", message: "the request must contain " + field}
}

// operation answers one decoded request of one action.
type operation func(ctx context.Context, host string, body []byte) (any, error)

// operations lists the actions that are served.
func (s *Service) operations() map[string]operation {
	return map[string]operation{
		"GetQueueUrl":                  answer(s.getQueueURL),
		"ListQueues":                   answer(s.listQueues),
		"GetQueueAttributes":           answer(s.getQueueAttributes),
		"SendMessage":                  answer(s.sendMessage),
		"SendMessageBatch":             answer(s.sendMessageBatch),
		"ReceiveMessage":               answer(s.receiveMessage),
		"DeleteMessage":                answer(s.deleteMessage),
		"DeleteMessageBatch":           answer(s.deleteMessageBatch),
		"ChangeMessageVisibility":      answer(s.changeVisibility),
		"ChangeMessageVisibilityBatch": answer(s.changeVisibilityBatch),
		"PurgeQueue":                   answer(s.purgeQueue),
	}
}

// answer ties an action to its request type.
func answer[In any](act func(context.Context, string, In) (any, error)) operation {
	return func(ctx context.Context, host string, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &apiError{shape: "SerializationException", code: "MalformedInput", message: "the request is no JSON of this action"}
		}
		return act(ctx, host, in)
	}
}

// ServeHTTP answers one SQS request in JSON protocol 1.0. The signature is not looked at: the listener is local.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", newID())
	if r.Method != http.MethodPost {
		http.Error(w, "SQS speaks POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		s.refuse(w, badParameter("the request is too long or was cut short"))
		return
	}
	name, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	act := s.ops[name]
	if !found || act == nil {
		s.refuse(w, &apiError{shape: "UnsupportedOperation", code: "AWS.SimpleQueueService.UnsupportedOperation", message: "this action is not served locally"})
		return
	}
	out, err := act(r.Context(), r.Host, body)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.reply(w, http.StatusOK, out)
}

// refuse answers an error: 400 for the client's, 503 when closing, 500 for ours.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	var known *apiError
	status, fault := http.StatusBadRequest, "Sender"
	switch {
	case errors.As(err, &known):
	case errors.Is(err, errClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		known = &apiError{shape: "ServiceUnavailable", code: "ServiceUnavailable", message: "the queues are closing"}
		status, fault = http.StatusServiceUnavailable, "Receiver"
	default:
		known = &apiError{shape: "InternalFailure", code: "InternalFailure", message: "the queue log failed"}
		status, fault = http.StatusInternalServerError, "Receiver"
	}
	w.Header().Set("X-Amzn-Errortype", known.shape)
	w.Header().Set("X-Amzn-Query-Error", known.code+";"+fault)
	s.reply(w, status, map[string]string{"__type": "com.amazonaws.sqs#" + known.shape, "message": known.message})
}

// reply writes a JSON answer; a client that has left is not worth more than a debug line.
func (s *Service) reply(w http.ResponseWriter, status int, out any) {
	text, err := json.Marshal(out)
	if err != nil {
		s.log.Error("queue answer has no JSON form", slog.Any("error", err))
		status, text = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		s.log.Debug("queue client left before its answer", slog.Any("error", err))
	}
}

// newID gives a random UUID of version 4.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
