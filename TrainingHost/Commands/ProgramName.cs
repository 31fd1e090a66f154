using System.Reflection;

namespace TrainingHost.Commands;

/// <summary>What one types to start this program, as help and examples show it.</summary>
internal static class ProgramName
{
    /// <summary>The file that was started; "dotnet run …" where that has started it, "dotnet X.dll" where the runtime has.</summary>
    public static string Typed { get; } = Find();

    private static string Find()
    {
        Assembly program = typeof(ProgramName).Assembly;
        string name = program.GetName().Name!, process = Path.GetFileNameWithoutExtension(Environment.ProcessPath ?? name);
        if (Assembly.GetEntryAssembly() != program) return name; // a test
        if (process == "dotnet") return $"dotnet {name}.dll";
        // The SDK sets it for what it starts, and the program lies where the SDK builds it.
        bool isRunBySdk = Environment.GetEnvironmentVariable("MSBUILDFAILONDRIVEENUMERATINGWILDCARD") is not null
            && Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))) is "Release" or "Debug";
        return isRunBySdk ? $"dotnet run --project {name} -c Release --" : process;
    }
}
