<#
try.ps1 - let scanpst.exe and Outlook judge the PSTs beside this script

    powershell -ExecutionPolicy Bypass -File try.ps1 [-ScanPst PATH] [-Only NAME]

Nobody has run this yet: see README.txt. For each PST: a copy is given to
scanpst.exe, silently; whether it changed the copy, made a .bak or said
something is noted. Then the PST itself (another copy) is opened in Outlook,
its folders, items and attachments are counted, and it is closed again.
All goes into results.csv and results\NAME.log. Send these back.
#>
param(
    [string]$ScanPst = "",
    [string]$Only = "*.pst"
)

$ErrorActionPreference = "Stop"
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$results = Join-Path $here "results"
New-Item -ItemType Directory -Force -Path $results | Out-Null

function Find-ScanPst {
    if ($ScanPst) { return $ScanPst }
    $roots = @($env:ProgramFiles, ${env:ProgramFiles(x86)}) | Where-Object { $_ }
    foreach ($root in $roots) {
        $found = Get-ChildItem -Path $root -Filter "SCANPST.EXE" -Recurse `
            -ErrorAction SilentlyContinue | Select-Object -First 1
        if ($found) { return $found.FullName }
    }
    return ""
}

# A copy is given to scanpst; what it did to it is the verdict.
function Invoke-Scan([string]$program, [string]$pst, [string]$work) {
    $copy = Join-Path $work "scan.pst"
    Copy-Item $pst $copy -Force
    $before = (Get-FileHash -Algorithm SHA256 $copy).Hash
    $arguments = @("-file", "`"$copy`"", "-silent", "-force",
                   "-rescan", "1", "-log", "replace")
    $process = Start-Process -FilePath $program -ArgumentList $arguments `
        -PassThru -Wait
    $log = [IO.Path]::ChangeExtension($copy, ".log")
    $text = ""
    if (Test-Path $log) {
        $text = Get-Content -Raw $log
        Copy-Item $log (Join-Path $results `
            ([IO.Path]::GetFileNameWithoutExtension($pst) + ".log")) -Force
    }
    return [ordered]@{
        ScanExit    = $process.ExitCode
        ScanChanged = ((Get-FileHash -Algorithm SHA256 $copy).Hash -ne $before)
        ScanBackup  = (Test-Path ([IO.Path]::ChangeExtension($copy, ".bak")))
        ScanLog     = ($text -replace "\s+", " ").Trim()
    }
}

$script:folders = 0
$script:messages = 0
$script:attachments = 0
$script:failures = 0

function Measure-Folder($folder) {
    foreach ($item in $folder.Items) {
        $script:messages++
        try {
            $null = $item.Subject
            $null = $item.Body
            $script:attachments += $item.Attachments.Count
        } catch { $script:failures++ }
    }
    foreach ($child in $folder.Folders) {
        $script:folders++
        Measure-Folder $child
    }
}

function Invoke-Outlook([string]$pst, [string]$work) {
    $copy = Join-Path $work "open.pst"
    Copy-Item $pst $copy -Force
    $script:folders = $script:messages = 0
    $script:attachments = $script:failures = 0
    $said = ""
    try {
        $outlook = New-Object -ComObject Outlook.Application
        $session = $outlook.GetNamespace("MAPI")
        $session.AddStoreEx($copy, 2)  # 2: olStoreUnicode
        $store = $session.Stores | Where-Object { $_.FilePath -eq $copy }
        if (-not $store) { throw "the store is not in the list" }
        $root = $store.GetRootFolder()
        Measure-Folder $root
        $session.RemoveStore($root)
    } catch { $said = $_.Exception.Message }
    return [ordered]@{
        Folders     = $script:folders
        Messages    = $script:messages
        Attachments = $script:attachments
        Unreadable  = $script:failures
        OutlookSaid = $said
    }
}

$program = Find-ScanPst
$expected = @{}
Import-Csv (Join-Path $here "expected.csv") | ForEach-Object {
    $expected[$_.file] = $_
}
$rows = foreach ($file in Get-ChildItem -Path $here -Filter $Only) {
    $work = Join-Path $env:TEMP ("try-" + [Guid]::NewGuid())
    New-Item -ItemType Directory -Path $work | Out-Null
    Write-Host $file.Name
    $row = [ordered]@{ File = $file.Name }
    $want = $expected[$file.Name]
    $row.Wanted = "$($want.folders)/$($want.messages)/$($want.attachments)"
    if ($program) {
        (Invoke-Scan $program $file.FullName $work).GetEnumerator() |
            ForEach-Object { $row[$_.Key] = $_.Value }
    }
    (Invoke-Outlook $file.FullName $work).GetEnumerator() |
        ForEach-Object { $row[$_.Key] = $_.Value }
    $row.Same = ($row.Wanted -eq
        "$($row.Folders)/$($row.Messages)/$($row.Attachments)")
    Remove-Item -Recurse -Force $work -ErrorAction SilentlyContinue
    [pscustomobject]$row
}
$rows | Export-Csv -NoTypeInformation -Encoding UTF8 `
    (Join-Path $here "results.csv")
$rows | Format-Table File, Wanted, Folders, Messages, Attachments, Same,
    ScanChanged, ScanBackup
if (-not $program) {
    Write-Host "SCANPST.EXE was not found: give its path with -ScanPst."
}
