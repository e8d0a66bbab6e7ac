package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// networks are those whose deliveries webhook takes; each gets its address among the outputs. A network is added here when
// its function understands it: an address that answers 404 would only mislead whoever registers it.
func networks() []string { return []string{"facebook", "instagram", "whatsapp", "x", "linkedin"} }

// newOutputs says what an operator must know after a deployment.
func newOutputs(stack awscdk.Stack, s settings, r *resources) {
	output(stack, "ApiUrl", "Base URL of the console, the API and the webhooks", r.api.AttrApiEndpoint())
	output(stack, "ConsoleAddress", "Where people open the console", r.consoleURL)
	for _, network := range networks() {
		output(stack, "WebhookUrl"+strings.ToUpper(network[:1])+network[1:], "Address to register with "+network,
			awscdk.Fn_Join(jsii.String(""), &[]*string{r.api.AttrApiEndpoint(), jsii.String("/webhooks/" + network)}))
	}
	output(stack, "WorkTableName", "Tickets, mentions, outbox", r.tables.work.Ref())
	output(stack, "BitacoraTableName", "Append-only audit", r.tables.bitacora.Ref())
	output(stack, "MetaAppSecretArn", "Put the Meta app's secret here", r.secrets.metaApp.Ref())
	output(stack, "XAppSecretArn", "Put the X app's secret here", r.secrets.xApp.Ref())
	output(stack, "LinkedInAppSecretArn", "Put the LinkedIn app's secret here", r.secrets.linkedInApp.Ref())
	output(stack, "TokenKeySecretArn", "Put the key of the accounts' keys here", r.secrets.tokenKey.Ref())
	output(stack, "ConnectKeySecretArn", "Put the key of connections being made here", r.secrets.connectKey.Ref())
	output(stack, "OauthCallbackUrl", "Address to register with the networks as where people come back to",
		awscdk.Fn_Join(jsii.String(""), &[]*string{r.consoleURL, jsii.String("/oauth/callback")}))
	output(stack, "SiacSecretArn", "Put SIAC's token here", r.secrets.siac.Ref())
	output(stack, "CitizenKeySecretArn", "Put the key of citizens' ids here, once and for ever", r.secrets.citizenKey.Ref())
	output(stack, "RollbackAlarms", "Alarms that send a deployment back (make deploy reads them)", awscdk.Fn_Join(jsii.String(","), &r.rollback))
	output(stack, "DashboardName", "Dashboard in CloudWatch", jsii.String(dashboardName(s)))
	for _, one := range []struct {
		id, description string
		value           *string
	}{
		{"UserPoolId", "User pool where people are invited", r.login.pool.Ref()},
		{"LoginAddress", "Where people sign in", r.login.pages},
	} {
		output(stack, one.id, one.description, one.value).SetCondition(r.login.own)
	}
}

func output(stack awscdk.Stack, id, description string, value *string) awscdk.CfnOutput {
	return awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}
