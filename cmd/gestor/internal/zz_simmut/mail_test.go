package sim

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

const letterBody = `{"FromEmailAddress":"gestor@example.cl","Destination":{"ToAddresses":["ti@example.cl"]},` +
	`"Content":{"Simple":{"Subject":{"Data":"Aviso"},"Body":{"Text":{"Data":"Algo espera."}}}}}`

func TestTheSDKCanSendMail(t *testing.T) {
	r := newRig(t)
	client := sesv2.New(sesv2.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(r.url + "/ses"), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 1,
	})
	order := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("Gestor <gestor@example.cl>"),
		Destination:      &types.Destination{ToAddresses: []string{"supervisor@example.cl", "ti@example.cl"}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String("Plazo por vencer")}, Body: &types.Body{Text: &types.Content{Data: aws.String("Vence mañana.")}},
		}},
	}
	out, err := client.SendEmail(t.Context(), order)
	if err != nil || aws.ToString(out.MessageId) == "" {
		t.Fatalf("SendEmail: %v %v", out, err)
	}
	mails := calls[[]letter](r, 200, http.MethodGet, "/sim/mail", "")
	if len(mails) != 2 || mails[0].To != "supervisor@example.cl" || mails[1].To != "ti@example.cl" || mails[0].Subject != "Plazo por vencer" ||
		mails[0].Text != "Vence mañana." || !mails[0].At.Equal(r.clock.now()) {
		t.Errorf("mail = %+v", mails)
	}
	order.Destination.ToAddresses = []string{"esto no es un correo"}
	var bad *types.BadRequestException
	if _, err := client.SendEmail(t.Context(), order); !errors.As(err, &bad) {
		t.Errorf("bad address: %v, want a BadRequestException", err)
	}
}

func TestMailWantsASimpleJSONLetter(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct{ body, kind string }{
		"form":     {letterBody, "text/plain"},
		"no body":  {`{"FromEmailAddress":"a@example.cl","Destination":{"ToAddresses":["b@example.cl"]},"Content":{}}`, "application/json"},
		"nobody":   {`{"FromEmailAddress":"a@example.cl","Content":{"Simple":{"Body":{"Text":{"Data":"x"}}}}}`, "application/json"},
		"not json": {`{`, "application/json"},
	} {
		if status, raw := r.call(http.MethodPost, "/ses/v2/email/outbound-emails", c.body, header{"Content-Type", c.kind}); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400", name, status, raw)
		}
	}
	if mails := calls[[]letter](r, 200, http.MethodGet, "/sim/mail", ""); len(mails) != 0 {
		t.Errorf("refused letters arrived: %v", mails)
	}
}
