return await Exchange.Cli.CommandLine.RunAsync(args);
