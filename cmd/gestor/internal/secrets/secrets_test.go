package secrets_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/cmd/gestor/internal/secrets"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/secret"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// start serves the values and gives a real SDK client.
func start(t *testing.T, values map[string]string) (*secrets.Service, *secretsmanager.Client) {
	t.Helper()
	service := secrets.New(values, func() time.Time { return noon })
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	return service, secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func TestByNameAndARN(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:Full-AbCdEf"
	_, client := start(t, map[string]string{"Meta": "uno", "Two-Parts": "dos", arn: "tres"})
	const base = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
	for id, want := range map[string]string{
		"Meta": "uno", base + "Meta-Xy12zW": "uno", base + "Meta": "uno",
		base + "Two-Parts": "dos", base + "Two-Parts-local0": "dos", arn: "tres",
	} {
		out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		if err != nil || aws.ToString(out.SecretString) != want {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
	for _, id := range []string{"meta", "Full", base + "Other-abcdef", base + "Meta-abc"} {
		_, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			t.Errorf("%s: %v, want ResourceNotFoundException", id, err)
		}
	}
}

func TestAnswerAndRotation(t *testing.T) {
	service, client := start(t, map[string]string{"Meta": "uno"})
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("Meta")}
	first, err := client.GetSecretValue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(first.Name) != "Meta" || !strings.HasSuffix(aws.ToString(first.ARN), ":secret:Meta-local0") || !first.CreatedDate.Equal(noon) {
		t.Errorf("answer: %s, %s, %s", *first.Name, *first.ARN, first.CreatedDate)
	}
	if diff := cmp.Diff([]string{"AWSCURRENT"}, first.VersionStages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	service.Set("Meta", "dos")
	second, err := client.GetSecretValue(t.Context(), in)
	if err != nil || *second.SecretString != "dos" || *second.VersionId == *first.VersionId {
		t.Errorf("after the rotation: %v, %+v", err, second)
	}
	described, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("Meta")})
	if err != nil || aws.ToString(described.Name) != "Meta" {
		t.Errorf("describe: %v", err)
	}
	_, err = client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("Meta"), VersionStage: aws.String("AWSPREVIOUS")})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("previous version: %v", err)
	}
	if _, err := client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("Meta")}); err == nil {
		t.Error("an action that is not served: no error")
	}
}

// TestAdapter reads through shared/secret, as the functions do.
func TestAdapter(t *testing.T) {
	service, client := start(t, map[string]string{"Siac": `{"token":"uno"}`})
	now := noon
	var mu sync.Mutex
	reader := secret.New(client, func() time.Time { mu.Lock(); defer mu.Unlock(); return now }, 5*time.Minute)
	type access struct {
		Token string `json:"token"`
	}
	read := func() string {
		t.Helper()
		got, err := secret.Decode[access](t.Context(), reader, "arn:aws:secretsmanager:us-east-1:000000000000:secret:Siac-local0")
		if err != nil {
			t.Fatal(err)
		}
		return got.Token
	}
	if got := read(); got != "uno" {
		t.Errorf("token %q, want uno", got)
	}
	service.Set("Siac", `{"token":"dos"}`)
	if got := read(); got != "uno" {
		t.Errorf("token %q inside the five minutes, want the one that is held", got)
	}
	mu.Lock()
	now = now.Add(5 * time.Minute)
	mu.Unlock()
	if got := read(); got != "dos" {
		t.Errorf("token %q after five minutes, want the new one", got)
	}
	_, err := reader.Get(t.Context(), "Nothing")
	if !errors.Is(err, secret.ErrMissing) || !fault.Is(err, fault.Transient) {
		t.Errorf("missing secret: %v", err)
	}
}
