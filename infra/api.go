package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// Requests per second that enter, and how many at once: six times the worst minute expected (77/s). A network that is
// refused delivers again.
const (
	requestRate  = 500
	requestBurst = 1000

	// What people may change in a second, all together: each of these requests writes the work table. Sixty of them who did
	// something every two seconds would need it all. Reading has a route of its own, without this bound.
	peoplesRoute = "ANY /api/v1/{proxy+}"
	peoplesRate  = 30
	peoplesBurst = 60
)

// accessLog is one line per request. It names the route and not the path, which may hold a citizen's code, and no
// address, which is personal data.
const accessLog = `{"request":"$context.requestId","at":"$context.requestTimeEpoch","route":"$context.routeKey",` +
	`"status":"$context.status","bytes":"$context.responseLength","ms":"$context.responseLatency",` +
	`"function_status":"$context.integrationStatus","function_ms":"$context.integrationLatency",` +
	`"error":"$context.error.responseType","authorizer_error":"$context.authorizer.error"}`

// route is one way in. Only what is behind the authorizer carries a person's token; the rest verifies itself (webhooks
// by signature) or is public (the console's files, what the API is, whether it lives).
type route struct {
	id, key    string
	function   string
	authorized bool
}

func routes() []route {
	return []route{
		{id: "WebhookVerifyRoute", key: "GET /webhooks/{network}", function: "webhook"},
		{id: "WebhookReceiveRoute", key: "POST /webhooks/{network}", function: "webhook"},
		{id: "ApiRoute", key: peoplesRoute, function: "desk", authorized: true},
		{id: "ApiReadRoute", key: "GET /api/v1/{proxy+}", function: "desk", authorized: true},
		{id: "OpenapiRoute", key: "GET /api/v1/openapi.json", function: "desk"},
		{id: "CallbackRoute", key: "GET /oauth/callback", function: "desk"}, // who knows the state is who the console sent away
		{id: "HealthRoute", key: "GET /healthz", function: "desk"},
		{id: "ConfigRoute", key: "GET /config.json", function: "desk"},
		{id: "HomeRoute", key: "GET /", function: "desk"},
		{id: "ConsoleRoute", key: "GET /{proxy+}", function: "desk"},
	}
}

// newAPI declares the HTTP API: webhooks, console and API on one address, so that the console needs no CORS.
func newAPI(stack awscdk.Stack, s settings) awsapigatewayv2.CfnApi {
	return awsapigatewayv2.NewCfnApi(stack, jsii.String("Api"), &awsapigatewayv2.CfnApiProps{
		Name:         jsii.String("gestor-" + s.stage),
		ProtocolType: jsii.String("HTTP"),
	})
}

// newRoutes connects the API with the functions behind it.
func newRoutes(stack awscdk.Stack, s settings, r *resources) {
	api := r.api
	authorizer := newAuthorizer(stack, api, r.login)
	behind := map[string]awslambda.CfnFunction{"webhook": r.webhook, "desk": r.desk}
	targets := map[string]*string{}
	for _, name := range []string{"webhook", "desk"} {
		integration := awsapigatewayv2.NewCfnIntegration(stack, jsii.String(functionNamed(name).logical()+"Integration"),
			&awsapigatewayv2.CfnIntegrationProps{
				ApiId:                api.Ref(),
				IntegrationType:      jsii.String("AWS_PROXY"),
				IntegrationUri:       behind[name].AttrArn(),
				PayloadFormatVersion: jsii.String("2.0"),
			})
		targets[name] = awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String("integrations/"), integration.Ref()})
	}
	allowed := map[string]bool{}
	stage := newStage(stack, s, r)
	for _, way := range routes() {
		props := &awsapigatewayv2.CfnRouteProps{
			ApiId:             api.Ref(),
			AuthorizationType: jsii.String("NONE"),
			RouteKey:          jsii.String(way.key),
			Target:            targets[way.function],
		}
		if way.authorized {
			props.AuthorizationType = jsii.String("JWT")
			props.AuthorizerId = authorizer.Ref()
		}
		declared := awsapigatewayv2.NewCfnRoute(stack, jsii.String(way.id), props)
		if way.key == peoplesRoute {
			stage.AddResourceDependency(declared, nil) // a stage refuses settings of a route it does not know
		}
		_, path, _ := strings.Cut(way.key, " ")
		if !allowed[path] {
			invokedBy(stack, way.id+"Permission", "apigateway.amazonaws.com", routeARN(api, path), behind[way.function])
			allowed[path] = true
		}
	}
}

// routeARN names a path of this API, on any stage and with any method, as API Gateway names itself when it calls.
func routeARN(api awsapigatewayv2.CfnApi, path string) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":execute-api:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":"), api.Ref(), jsii.String("/*/*" + path),
	})
}

func newStage(stack awscdk.Stack, s settings, r *resources) awsapigatewayv2.CfnStage {
	return awsapigatewayv2.NewCfnStage(stack, jsii.String("ApiStage"), &awsapigatewayv2.CfnStageProps{
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: newLogGroup(stack, s, r, "ApiLogs").AttrArn(),
			Format:         jsii.String(accessLog),
		},
		ApiId:      r.api.Ref(),
		AutoDeploy: jsii.Bool(true),
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingBurstLimit: jsii.Number(requestBurst),
			ThrottlingRateLimit:  jsii.Number(requestRate),
		},
		RouteSettings: map[string]any{
			peoplesRoute: map[string]any{"ThrottlingBurstLimit": peoplesBurst, "ThrottlingRateLimit": peoplesRate},
		},
		StageName: jsii.String("$default"),
	})
}
