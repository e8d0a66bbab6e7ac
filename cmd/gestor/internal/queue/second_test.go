package queue_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// secondVariable names another queue service, http://host:port, that the same expectations are tried on: what both keep is
// not only our own reading of the documents.
const secondVariable = "GESTOR_SQS"

// service is a queue service seen through the SDK alone, with the queues of one test and the clock of the machine.
type service struct {
	sdk  *awssqs.Client
	urls map[string]string
}

// wrong is where moto is known to differ from Amazon SQS, by part, with the reason. A part that no longer differs fails,
// so that the list stays true.
func wrong() map[string]string {
	return map[string]string{
		"refused control characters":           "moto takes characters that XML cannot carry; Amazon refuses them (SendMessage, InvalidMessageContents)",
		"one of a batch fails":                 "the same characters, in a batch",
		"a repeat of what was deleted is none": "moto forgets a deduplication id with its message; Amazon keeps it for five minutes",
		"a repeat gets the first's identity":   "moto keeps one message of the two, but answers the second send with an id that names nothing",
	}
}

// TestSecondOpinion tries what the functions rely on, on our service, or on the one that GESTOR_SQS names.
func TestSecondOpinion(t *testing.T) {
	open, excused := ours, map[string]string{}
	if os.Getenv(secondVariable) != "" {
		open, excused = other, wrong()
	}
	for name, part := range opinions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			err := part(ctx, open(t))
			reason, known := excused[name]
			switch {
			case known && err == nil:
				t.Errorf("it keeps this now: take it from the list (%s)", reason)
			case known:
				t.Logf("DIFFERS %s: %s", name, reason)
			case err != nil:
				t.Error(err)
			}
		})
	}
	for name := range excused {
		if opinions()[name] == nil {
			t.Errorf("the list names %q, which nobody tries", name)
		}
	}
}

// ours opens our own service.
func ours(t *testing.T) *service {
	t.Helper()
	q, err := queue.Open(t.TempDir(), specs(), time.Now, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	s := &service{sdk: client(server), urls: map[string]string{}}
	for _, spec := range specs() {
		s.urls[spec.Name] = server.URL + "/000000000000/" + spec.Name
	}
	return s
}

// other makes the same queues, under names of their own, in the service of GESTOR_SQS.
func other(t *testing.T) *service {
	t.Helper()
	s := &service{urls: map[string]string{}, sdk: awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(os.Getenv(secondVariable)), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})}
	unique := strings.ToLower(rand.Text()[:10])
	all := specs()
	for i := range all { // dead letters stand behind the queue that names them
		spec := all[len(all)-1-i]
		attributes := map[string]string{"VisibilityTimeout": "30"}
		if spec.FIFO {
			attributes["FifoQueue"] = "true"
		}
		if spec.DeadLetters != "" {
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:%s-%s","maxReceiveCount":%d}`,
				unique, spec.DeadLetters, spec.MaxReceive)
		}
		out, err := s.sdk.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String(unique + "-" + spec.Name), Attributes: attributes})
		if err != nil {
			t.Fatalf("create %s: %v", spec.Name, err)
		}
		s.urls[spec.Name] = aws.ToString(out.QueueUrl)
	}
	return s
}

func (s *service) url(name string) *string { return aws.String(s.urls[name]) }

func (s *service) send(ctx context.Context, name, body, group, dedup string) (*awssqs.SendMessageOutput, error) {
	in := &awssqs.SendMessageInput{QueueUrl: s.url(name), MessageBody: &body}
	if group != "" {
		in.MessageGroupId = &group
	}
	if dedup != "" {
		in.MessageDeduplicationId = &dedup
	}
	return s.sdk.SendMessage(ctx, in)
}

// receive asks once for up to most messages, waiting for so many seconds.
func (s *service) receive(ctx context.Context, name string, most, wait int32) ([]types.Message, error) {
	out, err := s.sdk.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{
		QueueUrl: s.url(name), MaxNumberOfMessages: most, WaitTimeSeconds: wait, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// expect receives once and compares the bodies.
func (s *service) expect(ctx context.Context, name string, most int32, want ...string) ([]types.Message, error) {
	got, err := s.receive(ctx, name, most, 0)
	if err != nil {
		return nil, err
	}
	if have := bodies(got); strings.Join(have, "|") != strings.Join(want, "|") {
		return nil, fmt.Errorf("received %q from %s, want %q", have, name, want)
	}
	return got, nil
}

// show gives a message back at once.
func (s *service) show(ctx context.Context, name string, m types.Message) error {
	_, err := s.sdk.ChangeMessageVisibility(ctx, &awssqs.ChangeMessageVisibilityInput{QueueUrl: s.url(name), ReceiptHandle: m.ReceiptHandle})
	return err
}

func (s *service) remove(ctx context.Context, name string, m types.Message) error {
	_, err := s.sdk.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: s.url(name), ReceiptHandle: m.ReceiptHandle})
	return err
}
