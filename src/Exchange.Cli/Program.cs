using System.CommandLine;

var root = new RootCommand("Exchanges records between departments through the hub.");
return await root.Parse(args).InvokeAsync();
